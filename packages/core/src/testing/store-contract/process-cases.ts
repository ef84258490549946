import { strict as assert } from "node:assert";
import type { Ledger } from "../../ledger/ledger.ts";
import { LedgerCase, LONG_MS, ledgerCase, only, total } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** Runs a case on a ledger and on another connection to its data. */
function processCase(
  options: LedgerContractOptions & {
    reopen(): ReturnType<NonNullable<LedgerContractOptions["reopen"]>>;
  },
  name: string,
  run: (trial: LedgerCase, other: LedgerCase) => Promise<void>,
): void {
  ledgerCase(options, name, async (trial) => {
    const ledger: Ledger = await options.reopen();
    try {
      await ledger.ready();
      await run(trial, new LedgerCase(ledger, trial.startMs));
    } finally {
      await ledger.close();
    }
  });
}

/** What holds when several processes use one store. */
export function processCases(options: LedgerContractOptions): void {
  const { reopen } = options;
  if (reopen === undefined) return;
  const shared = { ...options, reopen };

  processCase(shared, "an id reserves and settles once over all processes", async (here, there) => {
    const account = here.account(1_000);
    const request = here.reservation([account], [100]);
    const again = () => ({ ...request, accounts: [here.again(account)] });
    const kinds = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { ledger } = index % 2 === 0 ? here : there;
        return only(await ledger.reserve([again()])).kind;
      }),
    );
    assert.equal(kinds.filter((kind) => kind === "reserved").length, 1);
    assert.equal(kinds.filter((kind) => kind === "duplicate").length, 19);
    await there.expect(there.again(account), { held: 100 });
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? here : there).settle(request.id, "settled", 60),
      ),
    );
    assert.equal(ends.filter(({ applied }) => applied).length, 1);
    for (const trial of [here, there]) {
      assert.equal(only(await trial.ledger.reserve([again()])).kind, "duplicate");
      await trial.expect(trial.again(account), { settled: 60 });
    }
  });

  processCase(shared, "a call may end in another process than it began in", async (here, there) => {
    const account = here.account(1_000);
    const id = await here.hold(account, 100);
    assert.deepEqual([...(await there.ledger.dispatch([id])).results], [true]);
    assert.equal((await there.settle(id, "unknown")).applied, true);
    assert.equal((await here.settle(id, "settled", 30)).applied, true);
    assert.equal((await there.settle(id, "settled", 90)).applied, false);
    await there.expect(there.again(account), { settled: 30 });
  });

  processCase(shared, "a lease is one slice, whoever asks and returns", async (here, there) => {
    const account = here.account(1_000);
    const ask = { id: here.unique(), amount: 100 };
    const [one, two] = await Promise.all([
      here.lease(account, ask),
      there.lease(there.again(account), ask),
    ]);
    assert.ok(one.kind === "granted" && two.kind === "granted");
    assert.equal(one.expiresAtMs, two.expiresAtMs);
    await here.expect(account, { leased: 100 });
    await there.giveBack(ask.id, { revision: 2, settled: 30, kept: 40 });
    assert.equal((await here.giveBack(ask.id, { revision: 1, settled: 9 })).applied, false);
    await here.giveBack(ask.id, { revision: 3, settled: 50 });
    await there.expect(there.again(account), { settled: 50 });
  });

  processCase(shared, "a charge counts once over all processes", async (here, there) => {
    const account = here.account(1_000);
    const ask = { id: here.unique(), amount: 40, atMs: here.startMs, rememberMs: LONG_MS };
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { ledger } = index % 2 === 0 ? here : there;
        return only(await ledger.charge([{ ...ask, account: here.again(account) }]));
      }),
    );
    assert.equal(results.filter(({ applied }) => applied).length, 1);
    await there.expect(there.again(account), { settled: 40 });
  });

  processCase(
    shared,
    "a limit and a correction of one process hold in all",
    async (here, there) => {
      const account = here.account(1_000);
      const id = await there.hold(there.again(account), 100);
      await there.settle(id, "unknown");
      await here.fits(here.again(account, { limit: 200, limitVersion: 2 }), 1);
      assert.equal(await there.fits(there.again(account), 101), false);
      await here.ledger.correct([{ account, settled: 150 }]);
      assert.equal(await there.fits(there.again(account), 51), false);
      await there.settle(id, "settled", 90);
      await here.expect(account, { settled: 150 });
    },
  );

  processCase(shared, "one process crosses a threshold, whichever it is", async (here, there) => {
    const account = here.account(1_000);
    const ids = await Promise.all(Array.from({ length: 40 }, () => here.hold(account, 10)));
    const ends = await Promise.all(
      ids.map((id, index) => (index % 2 === 0 ? here : there).settle(id, "settled", 10)),
    );
    const crossed = ends.filter(({ spentBefore }) => spentBefore[0] === 190);
    assert.equal(crossed.length, 1);
  });

  processCase(
    shared,
    "processes that do everything at once never overshoot",
    async (here, there) => {
      const account = here.account(700);
      const other = here.account(500);
      await Promise.all(
        Array.from({ length: 16 }, async (_, seed) => {
          const trial = seed % 2 === 0 ? here : there;
          for (let round = 0; round < 8; round++) {
            await takeAndEnd(trial, [trial.again(account), trial.again(other)], seed + round);
            for (const ref of [account, other]) {
              const balance = await trial.balance(trial.again(ref));
              assert.ok(total(balance) <= ref.limit, `${JSON.stringify(balance)} is over`);
            }
          }
        }),
      );
      for (const ref of [account, other]) {
        const { held, leased } = await here.balance(ref);
        assert.deepEqual([held, leased], [0, 0]);
        assert.deepEqual(await here.balance(ref), await there.balance(there.again(ref)));
      }
    },
  );
}

type Accounts = Parameters<LedgerCase["reservation"]>[0];

/** Reserves on all of some accounts, or leases from the first, and ends it in one way or other. */
async function takeAndEnd(trial: LedgerCase, accounts: Accounts, kind: number): Promise<void> {
  const amount = 5 + ((kind * 7) % 40);
  const [account] = accounts;
  if (kind % 3 === 0 && account !== undefined) {
    const id = trial.unique();
    const result = await trial.lease(account, { id, amount, minimum: 5 });
    if (result.kind !== "granted") return;
    const settled = kind % 2;
    await trial.giveBack(id, { revision: 1, settled, kept: 2, ttlMs: LONG_MS });
    await trial.giveBack(id, { revision: 2, settled: settled + 1, unknown: kind % 2 });
    return;
  }
  const order = kind % 2 === 0 ? accounts : accounts.toReversed();
  const request = trial.reservation(
    order,
    order.map(() => amount),
  );
  if ((await trial.reserve(request)).kind !== "reserved") return;
  const as = (["settled", "released", "unknown"] as const)[(kind >> 1) % 3] ?? "settled";
  await trial.settle(request.id, as, ...order.map(() => amount - 1));
}
