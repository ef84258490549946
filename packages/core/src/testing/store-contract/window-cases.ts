import { strict as assert } from "node:assert";
import type { AccountRef } from "../../ledger/ledger.ts";
import { type LedgerCase, ledgerCase, MINUTE } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const { lengthMs, sliceMs } = MINUTE;
const HOUR = { kind: "rolling", lengthMs: 3_600_000, sliceMs: 60_000 } as const;

/** Two days of one budget: the one in which the case starts, and the next. */
function twoDays(trial: LedgerCase, limit: number): { today: AccountRef; tomorrow: AccountRef } {
  const [startsAtMs, endsAtMs] = [trial.startMs - 86_000_000, trial.startMs + 400_000];
  const window = { kind: "fixed", startsAtMs, endsAtMs } as const;
  const today = trial.account(limit, { windowKey: "day-1", window });
  const next = { kind: "fixed", startsAtMs: endsAtMs, endsAtMs: endsAtMs + 86_400_000 } as const;
  return { today, tomorrow: trial.again(today, { windowKey: "day-2", window: next }) };
}

/** What holds for windows, on the contract's own time. */
export function windowCases(options: LedgerContractOptions): void {
  ledgerCase(options, "each window has a balance of its own", async (trial) => {
    const { today, tomorrow } = twoDays(trial, 100);
    await trial.hold(today, 100);
    assert.equal(await trial.fits(today, 1), false);
    await trial.hold(tomorrow, 60, trial.startMs + 400_000);
    await trial.expect(today, { held: 100 });
    await trial.expect(tomorrow, { held: 60 });
  });

  ledgerCase(options, "a call that crosses a boundary settles into its own window", async (t) => {
    const { today, tomorrow } = twoDays(t, 100);
    const id = await t.hold(today, 80, t.startMs);
    await t.hold(tomorrow, 70, t.startMs + 400_001);
    await t.settle(id, "settled", 75);
    await t.expect(today, { settled: 75 });
    await t.expect(tomorrow, { held: 70 });
  });

  for (const window of [MINUTE, HOUR]) {
    for (const offset of [0, window.sliceMs - 1]) {
      const where = offset === 0 ? "first" : "last";
      const name = `a rolling window of ${window.lengthMs} ms keeps what was spent in the ${where} millisecond of a slice until it is wholly outside`;
      ledgerCase(options, name, async (trial) => {
        const account = trial.account(100, { window });
        const spentMs = trial.startMs + offset;
        await trial.settle(await trial.hold(account, 90, spentMs), "settled", 60);
        await trial.settle(await trial.hold(account, 40, spentMs), "unknown");
        const stays = spentMs + window.lengthMs - 1;
        assert.equal(await trial.fits(account, 1, stays), false);
        const gone = spentMs + window.lengthMs + window.sliceMs;
        await trial.expect(account, {}, gone);
        assert.equal(await trial.fits(account, 100, gone), true);
      });
    }
  }

  ledgerCase(options, "a rolling window forgets slice by slice", async (trial) => {
    const account = trial.account(60, { window: MINUTE });
    for (let slice = 0; slice < 60; slice++) {
      const id = await trial.hold(account, 1, trial.startMs + slice * sliceMs);
      await trial.settle(id, "settled", 1);
    }
    for (let gone = 1; gone <= 60; gone++) {
      const atMs = trial.startMs + lengthMs + gone * sliceMs;
      await trial.expect(account, { settled: 60 - gone }, atMs);
    }
  });

  ledgerCase(options, "what is held never leaves a rolling window", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    const id = await trial.hold(account, 100);
    assert.equal(await trial.fits(account, 1, trial.startMs + 10 * lengthMs), false);
    await trial.settle(id, "settled", 100);
    assert.equal(await trial.fits(account, 100, trial.startMs + 10 * lengthMs), true);
  });

  ledgerCase(options, "a late settlement counts when its call was reserved", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    const id = await trial.hold(account, 80);
    await trial.settle(id, "unknown");
    await trial.hold(account, 1, trial.startMs + lengthMs / 2);
    await trial.settle(id, "settled", 90);
    await trial.expect(account, { settled: 90, held: 1 }, trial.startMs + lengthMs / 2);
    await trial.expect(account, { held: 1 }, trial.startMs + lengthMs + sliceMs);
  });

  ledgerCase(
    options,
    "a settlement shows a rolling window as of its own instant",
    async (trial) => {
      const account = trial.account(100, { window: MINUTE });
      await trial.settle(await trial.hold(account, 50), "settled", 50);
      const id = await trial.hold(account, 50, trial.startMs + lengthMs / 2);
      const atMs = trial.startMs + lengthMs + sliceMs;
      const [result] = (await trial.ledger.settle([{ id, as: "settled", amounts: [50], atMs }]))
        .results;
      assert.equal(result?.balances[0]?.settled, 50);
    },
  );

  ledgerCase(
    options,
    "a clock that steps back frees nothing in a rolling window",
    async (trial) => {
      const account = trial.account(100, { window: MINUTE });
      const aheadMs = trial.startMs + 10 * lengthMs;
      await trial.settle(await trial.hold(account, 40, aheadMs), "settled", 40);
      for (const atMs of [aheadMs - sliceMs, aheadMs - 2 * lengthMs, trial.startMs]) {
        await trial.settle(await trial.hold(account, 20, atMs), "settled", 20);
      }
      assert.equal(await trial.fits(account, 1, trial.startMs), false);
      assert.equal(await trial.fits(account, 1, aheadMs + lengthMs - 1), false);
      assert.equal(await trial.fits(account, 100, aheadMs + lengthMs + sliceMs), true);
    },
  );
}
