import { strict as assert } from "node:assert";
import { LONG_MS, ledgerCase, MINUTE, only } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/** What holds when more was spent than a balance can say exactly. */
export function saturationCases(options: LedgerContractOptions): void {
  ledgerCase(options, "spending beyond 2^53 - 1 stays at that, whoever tells it", async (trial) => {
    const account = trial.account(MOST);
    const [first, second] = [await trial.hold(account, 10), await trial.hold(account, 10)];
    const lease = await trial.takeLease(account, 10);
    await trial.settle(first, "settled", MOST - 5);
    await trial.expect(account, { settled: MOST - 5, held: 10, leased: 10 });
    await trial.settle(second, "settled", MOST);
    await trial.expect(account, { settled: MOST, leased: 10 });
    await trial.giveBack(lease, { settled: MOST });
    await trial.expect(account, { settled: MOST });
    const charge = { id: trial.unique(), account, amount: MOST, atMs: trial.startMs };
    assert.ok(only(await trial.ledger.charge([{ ...charge, rememberMs: LONG_MS }])).applied);
    await trial.expect(account, { settled: MOST });
    assert.equal(await trial.fits(account, 1), false);
  });

  ledgerCase(options, "a rolling window that was full to 2^53 - 1 empties again", async (trial) => {
    const account = trial.account(MOST, { window: MINUTE });
    const laterMs = trial.startMs + 10 * MINUTE.sliceMs;
    await trial.settle(await trial.hold(account, 10), "settled", MOST - 5);
    await trial.settle(await trial.hold(account, 3, laterMs), "settled", 100);
    await trial.expect(account, { settled: MOST }, laterMs);
    const firstLeftMs = trial.startMs + MINUTE.lengthMs + MINUTE.sliceMs;
    await trial.expect(account, { settled: 5 }, firstLeftMs);
    await trial.expect(account, {}, firstLeftMs + 10 * MINUTE.sliceMs);
    assert.equal(await trial.fits(account, MOST, firstLeftMs + 10 * MINUTE.sliceMs), true);
  });
}
