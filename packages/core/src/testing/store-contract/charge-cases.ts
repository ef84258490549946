import { strict as assert } from "node:assert";
import type { AccountRef, LateCharge, LateChargeResult } from "../../ledger/ledger.ts";
import { type LedgerCase, LONG_MS, ledgerCase, MINUTE, only } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** Charges without a reservation. */
async function charge(
  trial: LedgerCase,
  account: AccountRef,
  amount: number,
  given: Partial<LateCharge> = {},
): Promise<LateChargeResult> {
  const common = { id: trial.unique(), atMs: trial.startMs, rememberMs: LONG_MS };
  return only(await trial.ledger.charge([{ account, amount, ...common, ...given }]));
}

/** What holds for money that is gone already, without a reservation. */
export function chargeCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a charge is settled at once, and says what was spent before", async (t) => {
    const account = t.account(1_000);
    await t.settle(await t.hold(account, 100), "settled", 70);
    await t.settle(await t.hold(account, 5), "unknown");
    await t.hold(account, 30);
    const { applied, balance, spentBefore } = await charge(t, account, 200);
    assert.deepEqual([applied, balance?.settled, spentBefore], [true, 270, 75]);
    await t.expect(account, { settled: 270, unknown: 5, held: 30 });
    assert.equal(await t.fits(account, 696), false);
    assert.equal(await t.fits(account, 695), true);
  });

  ledgerCase(options, "a charge is not asked whether it fits; no new work then", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 90);
    assert.equal((await charge(trial, account, 50)).applied, true);
    await trial.expect(account, { held: 90, settled: 50 });
    assert.equal(await trial.fits(account, 0), false);
  });

  ledgerCase(options, "a charge counts once, however often it is asked", async (trial) => {
    const account = trial.account(1_000);
    const id = trial.unique();
    assert.equal((await charge(trial, account, 50, { id })).applied, true);
    const again = await charge(trial, account, 50, { id });
    assert.deepEqual([again.applied, again.spentBefore], [false, undefined]);
    const ask = { account, amount: 7, atMs: trial.startMs, rememberMs: LONG_MS };
    const other = trial.unique();
    const { results } = await trial.ledger.charge([
      { ...ask, id: other },
      { ...ask, id },
      { ...ask, id: other },
      { ...ask, id: trial.unique() },
    ]);
    assert.deepEqual(
      results.map(({ applied, spentBefore }) => [applied, spentBefore]),
      [
        [true, 50],
        [false, undefined],
        [false, undefined],
        [true, 57],
      ],
    );
    await trial.expect(account, { settled: 64 });
  });

  ledgerCase(options, "an id that races itself is charged once", async (trial) => {
    const account = trial.account(1_000);
    const id = trial.unique();
    const asked = Array.from({ length: 30 }, () => charge(trial, trial.again(account), 9, { id }));
    assert.equal((await Promise.all(asked)).filter(({ applied }) => applied).length, 1);
    await trial.expect(account, { settled: 9 });
  });

  ledgerCase(options, "a charge brings the newest limit, as a reservation does", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 10);
    await charge(trial, trial.again(account, { limit: 50, limitVersion: 2 }), 10);
    assert.equal(await trial.fits(account, 31), false);
    assert.equal(await trial.fits(account, 30), true);
  });

  ledgerCase(options, "a charge leaves a rolling window with its slice", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    await charge(trial, account, 60);
    await trial.expect(account, { settled: 60 }, trial.startMs + MINUTE.lengthMs - 1);
    await trial.expect(account, {}, trial.startMs + MINUTE.lengthMs + MINUTE.sliceMs);
  });

  ledgerCase(options, "a charge of what is no amount changes nothing", async (trial) => {
    const account = trial.account(100);
    for (const amount of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assert.equal((await charge(trial, account, amount)).applied, false);
    }
    await trial.expect(account, {});
  });
}
