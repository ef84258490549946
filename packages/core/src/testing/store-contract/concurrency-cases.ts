import { strict as assert } from "node:assert";
import type { AccountRef } from "../../ledger/ledger.ts";
import { type LedgerCase, ledgerCase, only, total } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const WORKERS = 24;
const ROUNDS = 12;
const ENDS = ["settled", "released", "unknown"] as const;

/** Reserves, looks and ends, over and over; fails at the first look that shows an overshoot. */
async function work(trial: LedgerCase, accounts: readonly AccountRef[], seed: number) {
  for (let round = 0; round < ROUNDS; round++) {
    const amounts = accounts.map((_, index) => 1 + ((seed * 7 + round * 5 + index * 3) % 40));
    const request = trial.reservation(
      accounts.map((account) => trial.again(account)),
      amounts,
    );
    const { kind } = await trial.reserve(request);
    for (const account of accounts) {
      const balance = await trial.balance(account);
      assert.ok(total(balance) <= account.limit, `${JSON.stringify(balance)} is over the limit`);
    }
    if (kind !== "reserved") continue;
    const used = amounts.map((amount) => amount - (round % 2));
    await trial.settle(request.id, ENDS[(seed + round) % 3] ?? "settled", ...used);
  }
}

/** What holds when many ask at once. */
export function concurrencyCases(options: LedgerContractOptions): void {
  ledgerCase(options, "calls that race never overshoot, at any step", async (trial) => {
    const [day, org, task] = [trial.account(600), trial.account(500), trial.account(400)];
    // Different orders, so that a store that locks account by account would deadlock.
    const orders = [[day, org, task], [task, org, day], [org, task], [day]];
    await Promise.all(
      Array.from({ length: WORKERS }, (_, seed) => work(trial, orders[seed % 4] ?? [], seed)),
    );
    for (const account of [day, org, task]) {
      assert.equal((await trial.balance(account)).held, 0);
      assert.ok(await trial.isWithin(account));
    }
  });

  const many = options.concurrency ?? 10_000;
  ledgerCase(
    options,
    `of ${many} reservations at once as many fit as the limit says`,
    async (t) => {
      const fitting = Math.floor(many / 3);
      const account = t.account(fitting * 7 + 6);
      const ids: string[] = [];
      await Promise.all(
        Array.from({ length: many }, async () => {
          const request = t.reservation([account], [7]);
          if ((await t.reserve(request)).kind === "reserved") ids.push(request.id);
        }),
      );
      assert.equal(ids.length, fitting);
      await t.expect(account, { held: fitting * 7 });
      await Promise.all(ids.map((id) => t.settle(id, "settled", 5)));
      await t.expect(account, { settled: fitting * 5 });
    },
  );

  ledgerCase(
    options,
    "small calls that fit are admitted between big ones that race",
    async (trial) => {
      const account = trial.account(100);
      await trial.hold(account, 60);
      let small = 0;
      const big = Array.from({ length: 200 }, () => trial.fits(account, 50));
      const fitting = Array.from({ length: 20 }, async () => {
        if ((await trial.reserve(trial.reservation([account], [2]))).kind === "reserved") small++;
      });
      const admitted = await Promise.all(big);
      await Promise.all(fitting);
      assert.equal(small, 20);
      assert.ok(admitted.every((fits) => !fits));
    },
  );

  ledgerCase(
    options,
    "an id that races itself is reserved once and settled once",
    async (trial) => {
      const account = trial.account(10_000);
      const request = trial.reservation([account], [100]);
      const tries = Array.from({ length: 50 }, () => trial.reserve(request));
      const kinds = (await Promise.all(tries)).map((result) => result.kind);
      assert.equal(kinds.filter((kind) => kind === "reserved").length, 1);
      assert.equal(kinds.filter((kind) => kind === "duplicate").length, 49);
      await trial.expect(account, { held: 100 });
      const ends = Array.from({ length: 50 }, () => trial.settle(request.id, "settled", 60));
      assert.equal((await Promise.all(ends)).filter((end) => end.applied).length, 1);
      await trial.expect(account, { settled: 60 });
    },
  );

  ledgerCase(options, "leases and reservations that race share one limit", async (trial) => {
    const account = trial.account(1_000);
    const taken = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        if (index % 2 === 0) {
          const result = await trial.lease(account, { amount: 30, minimum: 10, maxShare: 1 / 8 });
          return result.kind === "granted" ? result.amount : 0;
        }
        const request = trial.reservation([account], [17]);
        const { kind } = only(await trial.ledger.reserve([request]));
        return kind === "reserved" ? 17 : 0;
      }),
    );
    const sum = taken.reduce((total, amount) => total + amount, 0);
    assert.equal(total(await trial.balance(account)), sum);
    assert.ok(sum <= 1_000 && sum > 980, `${sum} of 1,000 were taken`);
  });
}
