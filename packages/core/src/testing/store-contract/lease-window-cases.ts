import { strict as assert } from "node:assert";
import { ledgerCase, MINUTE } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds for leases while windows move on. */
export function leaseWindowCases(options: LedgerContractOptions): void {
  ledgerCase(options, "the rest of a lease returns to its own window only", async (trial) => {
    const endsAtMs = trial.startMs + 400_000;
    const window = { kind: "fixed", startsAtMs: trial.startMs, endsAtMs } as const;
    const today = trial.account(100, { windowKey: "day-1", window });
    const next = { kind: "fixed", startsAtMs: endsAtMs, endsAtMs: endsAtMs + 86_400_000 } as const;
    const tomorrow = trial.again(today, { windowKey: "day-2", window: next });
    const id = await trial.takeLease(today, 80);
    await trial.hold(tomorrow, 100, endsAtMs);
    await trial.giveBack(id, { settled: 30, atMs: endsAtMs + 1 });
    await trial.expect(today, { settled: 30 });
    await trial.expect(tomorrow, { held: 100 });
  });

  ledgerCase(options, "what is leased never leaves a rolling window", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    await trial.takeLease(account, 100);
    assert.equal(await trial.fits(account, 1, trial.startMs + 10 * MINUTE.lengthMs), false);
  });

  ledgerCase(
    options,
    "what a lease spent stays a whole rolling window from its return",
    async (t) => {
      const account = t.account(100, { window: MINUTE });
      const id = await t.takeLease(account, 100);
      const returnedMs = t.startMs + MINUTE.lengthMs / 2;
      await t.giveBack(id, { settled: 60, unknown: 40, atMs: returnedMs });
      assert.equal(await t.fits(account, 1, returnedMs + MINUTE.lengthMs - 1), false);
      const gone = returnedMs + MINUTE.lengthMs + MINUTE.sliceMs;
      await t.expect(account, {}, gone);
      assert.equal(await t.fits(account, 100, gone), true);
    },
  );

  ledgerCase(options, "each return of a lease counts when it was made", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    const id = await trial.takeLease(account, 100);
    await trial.giveBack(id, { revision: 1, settled: 30, unknown: 9, kept: 50 });
    const laterMs = trial.startMs + MINUTE.lengthMs / 2;
    await trial.giveBack(id, { revision: 2, settled: 70, unknown: 0, atMs: laterMs });
    await trial.expect(account, { settled: 70 }, laterMs);
    const goneMs = trial.startMs + MINUTE.lengthMs + MINUTE.sliceMs;
    await trial.expect(account, { settled: 40 }, goneMs);
    await trial.expect(account, {}, laterMs + MINUTE.lengthMs + MINUTE.sliceMs);
  });
}
