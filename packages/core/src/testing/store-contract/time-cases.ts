import { strict as assert } from "node:assert";
import { systemClock } from "../../ports/clock.ts";
import { LONG_MS, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const HOUR_MS = 3_600_000;

/** What holds for the store's clock, where it has one. */
export function timeCases(options: LedgerContractOptions): void {
  ledgerCase(
    options,
    "every reply tells the store's time, which never goes back",
    async (trial) => {
      const { ledger } = trial;
      const account = trial.account(1_000);
      const id = trial.unique();
      const lease = { id, account, amount: 9, minimum: 1, maxShare: 1, ttlMs: LONG_MS };
      const back = { id, revision: 1, settled: 0, unknown: 0, kept: 9, ttlMs: LONG_MS };
      const atMs = trial.startMs;
      const replies = [
        await ledger.reserve([trial.reservation([account], [1])]),
        await ledger.dispatch([trial.unique()]),
        await ledger.settle([{ id: trial.unique(), as: "released", amounts: [] }]),
        await ledger.balances([account]),
        await ledger.lease([{ ...lease, atMs }]),
        await ledger.returnLeases([{ ...back, atMs }]),
        await ledger.correct([{ account, settled: 5 }]),
        await ledger.balances([]),
      ];
      if (!ledger.durable && replies.every(({ nowMs }) => nowMs === undefined)) return;
      const expectedMs = options.nowMs?.() ?? systemClock.wallMs();
      let lastMs = Number.NEGATIVE_INFINITY;
      for (const { nowMs } of replies) {
        assert.ok(Number.isFinite(nowMs), `${nowMs} is a time`);
        assert.ok(Math.abs((nowMs ?? 0) - expectedMs) < HOUR_MS, `${nowMs} is about ${expectedMs}`);
        assert.ok((nowMs ?? 0) >= lastMs, `${nowMs} is not before ${lastMs}`);
        lastMs = nowMs ?? 0;
      }
    },
  );

  ledgerCase(options, "a lease expires as long from now as it was asked for", async (trial) => {
    const { ledger } = trial;
    const account = trial.account(1_000);
    const ask = { id: trial.unique(), account, amount: 9, minimum: 1, maxShare: 1, ttlMs: LONG_MS };
    // The time of the caller is only a word: an hour ahead, it must not prolong anything.
    const atMs = ledger.durable ? trial.startMs + HOUR_MS : trial.startMs;
    const { results, nowMs = atMs } = await ledger.lease([{ ...ask, atMs }]);
    const [result] = results;
    assert.ok(result?.kind === "granted");
    const leftMs = result.expiresAtMs - nowMs;
    assert.ok(leftMs <= LONG_MS && leftMs > LONG_MS - 60_000, `${leftMs} ms are left`);
  });

  const { passTime } = options;
  if (passTime === undefined) return;

  ledgerCase(options, "the store's time passes", async ({ ledger }) => {
    const { nowMs: beforeMs = 0 } = await ledger.balances([]);
    await passTime(500);
    const { nowMs: afterMs = 0 } = await ledger.balances([]);
    assert.ok(afterMs - beforeMs >= 400, `${afterMs - beforeMs} of 500 ms have passed`);
  });
}
