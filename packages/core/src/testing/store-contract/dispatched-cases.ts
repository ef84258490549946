import { strict as assert } from "node:assert";
import { ledgerCase, MINUTE } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const { lengthMs, sliceMs } = MINUTE;

/**
 * What holds for reservations that count as dispatched at once, and for what was spent before an
 * end.
 */
export function dispatchedCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a call reserved as dispatched can still be released", async (trial) => {
    const account = trial.account(100);
    const request = trial.reservation([account], [80], { dispatched: true });
    assert.equal((await trial.reserve(request)).kind, "reserved");
    await trial.expect(account, { held: 80 });
    assert.equal((await trial.settle(request.id, "released")).applied, true);
    assert.equal((await trial.settle(request.id, "settled", 80)).applied, false);
    await trial.expect(account, {});
  });

  ledgerCase(options, "a call reserved as dispatched settles once", async (trial) => {
    const account = trial.account(100);
    const request = trial.reservation([account], [80], { dispatched: true });
    await trial.reserve(request);
    assert.deepEqual([...(await trial.ledger.dispatch([request.id])).results], [true]);
    assert.equal((await trial.settle(request.id, "settled", 30)).applied, true);
    assert.equal((await trial.settle(request.id, "released")).applied, false);
    await trial.expect(account, { settled: 30 });
  });
}

/** What an end says of each account right before, so that one of many sees a threshold crossed. */
export function spentBeforeCases(options: LedgerContractOptions): void {
  ledgerCase(options, "an end says what was spent of each account before it", async (trial) => {
    const [day, task] = [trial.account(1_000), trial.account(1_000)];
    await trial.settle(await trial.hold(day, 100), "settled", 70);
    await trial.settle(await trial.hold(day, 5), "unknown");
    await trial.takeLease(day, 40);
    const request = trial.reservation([task, day], [50, 50]);
    await trial.reserve(request);
    const first = await trial.settle(request.id, "unknown");
    assert.deepEqual([...first.spentBefore], [0, 75]);
    const second = await trial.settle(request.id, "settled", 20, 30);
    assert.deepEqual([...second.spentBefore], [50, 125]);
    const third = await trial.settle(await trial.hold(day, 1), "released");
    assert.deepEqual([...third.spentBefore], [105]);
    assert.deepEqual([...(await trial.settle(request.id, "settled", 9, 9)).spentBefore], []);
  });

  ledgerCase(options, "ends in one batch each count those before them", async (trial) => {
    const account = trial.account(1_000);
    const ids = [1, 2, 3, 4].map(() => trial.reservation([account], [10]));
    await trial.ledger.reserve(ids);
    const ends = ids.map(({ id }) => ({ id, as: "settled" as const, amounts: [10] }));
    const { results } = await trial.ledger.settle([...ends, ...ends]);
    const spent = results.map(({ spentBefore }) => spentBefore[0]);
    assert.deepEqual(spent, [0, 10, 20, 30, undefined, undefined, undefined, undefined]);
  });

  ledgerCase(options, "of ends that race exactly one crosses each threshold", async (trial) => {
    const account = trial.account(1_000);
    const ids = await Promise.all(Array.from({ length: 50 }, () => trial.hold(account, 10)));
    const ends = await Promise.all(ids.map((id) => trial.settle(id, "settled", 10)));
    const spent = ends.map(({ spentBefore }) => spentBefore[0] ?? -1);
    assert.deepEqual(
      spent.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => index * 10),
    );
  });

  ledgerCase(options, "what has left a rolling window was not spent before", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    await trial.settle(await trial.hold(account, 50), "settled", 50);
    const atMs = trial.startMs + lengthMs + sliceMs;
    const id = await trial.hold(account, 10, trial.startMs + lengthMs / 2);
    const { results } = await trial.ledger.settle([{ id, as: "settled", amounts: [10], atMs }]);
    assert.deepEqual([...(results[0]?.spentBefore ?? [])], [0]);
  });

  ledgerCase(options, "a return says what was spent before it", async (trial) => {
    const account = trial.account(1_000);
    await trial.settle(await trial.hold(account, 7), "settled", 7);
    const id = await trial.takeLease(account, 100);
    const first = await trial.giveBack(id, { revision: 1, settled: 10, unknown: 20, kept: 30 });
    assert.equal(first.spentBefore, 7);
    const second = await trial.giveBack(id, { revision: 2, settled: 35, unknown: 0, kept: 5 });
    assert.equal(second.spentBefore, 37);
    const repeated = await trial.giveBack(id, { revision: 2, settled: 35, kept: 5 });
    assert.equal(repeated.spentBefore, undefined);
    const third = await trial.giveBack(id, { revision: 3, settled: 35 });
    assert.equal(third.spentBefore, 42);
  });
}
