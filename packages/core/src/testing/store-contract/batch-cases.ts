import { strict as assert } from "node:assert";
import { LONG_MS, ledgerCase, total } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds for batches: each item by itself, in order, and one reply for each. */
export function batchCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a batch is answered in its order, each item by itself", async (trial) => {
    const [day, task] = [trial.account(100), trial.account(50)];
    const first = trial.reservation([day, task], [40, 40]);
    const { results } = await trial.ledger.reserve([
      first,
      trial.reservation([day, task], [40, 40]),
      trial.reservation([day], [60]),
      first,
      trial.reservation([task], [10]),
      trial.reservation([day], [1]),
    ]);
    const kinds = ["reserved", "refused", "reserved", "duplicate", "reserved", "refused"];
    assert.deepEqual(
      results.map((result) => result.kind),
      kinds,
    );
    await trial.expect(day, { held: 100 });
    await trial.expect(task, { held: 50 });
  });

  ledgerCase(options, "a batch fits no more than one after the other would", async (trial) => {
    const account = trial.account(100);
    const batch = Array.from({ length: 64 }, () => trial.reservation([account], [7]));
    const { results } = await trial.ledger.reserve(batch);
    const reserved = results.map((result) => result.kind === "reserved");
    assert.deepEqual(
      reserved,
      batch.map((_, index) => index < 14),
    );
    assert.equal(total(await trial.balance(account)), 98);
  });

  ledgerCase(options, "a batch of settlements applies each id once, in order", async (trial) => {
    const account = trial.account(100);
    const [one, two] = [await trial.hold(account, 20), await trial.hold(account, 20)];
    const { results } = await trial.ledger.settle([
      { id: one, as: "settled", amounts: [5] },
      { id: trial.unique(), as: "settled", amounts: [99] },
      { id: one, as: "settled", amounts: [20] },
      { id: two, as: "unknown", amounts: [] },
      { id: two, as: "settled", amounts: [11] },
    ]);
    assert.deepEqual(
      results.map((result) => result.applied),
      [true, false, false, true, true],
    );
    await trial.expect(account, { settled: 16 });
  });

  ledgerCase(options, "balances come in the order that was asked for", async (trial) => {
    const accounts = Array.from({ length: 10 }, (_, index) => trial.account(100 + index));
    for (const [index, account] of accounts.entries()) await trial.hold(account, index);
    const asked = [...accounts.toReversed(), accounts[3], trial.account(5)];
    const { results } = await trial.ledger.balances(asked.flatMap((ref) => ref ?? []));
    assert.deepEqual(
      results.map((balance) => balance.held),
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 3, 0],
    );
  });

  ledgerCase(options, "an empty batch is answered with nothing", async ({ ledger }) => {
    const replies = [
      await ledger.reserve([]),
      await ledger.dispatch([]),
      await ledger.settle([]),
      await ledger.balances([]),
      await ledger.lease([]),
      await ledger.returnLeases([]),
      await ledger.charge([]),
      await ledger.correct([]),
    ];
    for (const { results } of replies) assert.equal(results.length, 0);
  });

  ledgerCase(options, "every reply carries the kill epoch", async (trial) => {
    const account = trial.account(100);
    const { ledger } = trial;
    const lease = { id: trial.unique(), account, amount: 1, minimum: 1, maxShare: 1 };
    const returned = { id: lease.id, revision: 1, settled: 0, unknown: 0, kept: 0 };
    const charge = { id: trial.unique(), account, amount: 1, rememberMs: LONG_MS };
    const replies = [
      await ledger.reserve([trial.reservation([account], [1])]),
      await ledger.dispatch([trial.unique()]),
      await ledger.settle([{ id: trial.unique(), as: "released", amounts: [] }]),
      await ledger.balances([account]),
      await ledger.lease([{ ...lease, ttlMs: LONG_MS, atMs: trial.startMs }]),
      await ledger.returnLeases([{ ...returned, atMs: trial.startMs }]),
      await ledger.charge([{ ...charge, atMs: trial.startMs }]),
      await ledger.correct([{ account, settled: 1 }]),
    ];
    for (const { killEpoch } of replies) {
      assert.ok(Number.isSafeInteger(killEpoch) && killEpoch >= 0, `${killEpoch} is an epoch`);
    }
  });
}
