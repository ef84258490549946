import { strict as assert } from "node:assert";
import { ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds when a limit changes in the middle of a window. */
export function limitCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a newer limit applies at once, upwards and downwards", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 90);
    const raised = trial.again(account, { limit: 200, limitVersion: 2 });
    assert.equal(await trial.fits(raised, 110), true);
    const lowered = trial.again(account, { limit: 95, limitVersion: 3 });
    assert.equal(await trial.fits(lowered, 6), false);
    assert.equal(await trial.fits(lowered, 5), true);
  });

  ledgerCase(options, "an older version of a limit never overrides a newer one", async (trial) => {
    const account = trial.account(100, { limitVersion: 7 });
    await trial.hold(account, 90);
    const old = trial.again(account, { limit: 1_000, limitVersion: 6 });
    assert.equal(await trial.fits(old, 11), false);
    assert.equal(await trial.fits(account, 11), false);
    const oldLease = { account: old, amount: 500 };
    assert.deepEqual((await trial.lease(old, oldLease)).kind, "granted");
    await trial.expect(account, { held: 90, leased: 10 });
  });

  ledgerCase(options, "a refused call brings its newer limit all the same", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 50);
    const lowered = trial.again(account, { limit: 40, limitVersion: 2 });
    assert.equal(await trial.fits(lowered, 1), false);
    assert.equal(await trial.fits(account, 1), false);
  });

  ledgerCase(options, "a configured limit that changed takes effect", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 50);
    assert.equal(await trial.fits(trial.again(account, { limit: 200 }), 150), true);
    assert.equal(await trial.fits(trial.again(account, { limit: 40 }), 1), false);
  });

  ledgerCase(options, "a limit below what is spent takes nothing back", async (trial) => {
    const account = trial.account(100);
    await trial.settle(await trial.hold(account, 60), "settled", 60);
    const id = await trial.hold(account, 30);
    const lowered = trial.again(account, { limit: 10, limitVersion: 2 });
    assert.equal(await trial.fits(lowered, 1), false);
    await trial.expect(lowered, { settled: 60, held: 30 });
    assert.equal((await trial.settle(id, "settled", 30)).applied, true);
    await trial.expect(lowered, { settled: 90 });
  });

  ledgerCase(options, "windows of one budget keep their own limits", async (trial) => {
    const first = trial.account(100, { windowKey: "day-1", limitVersion: 2 });
    const second = trial.again(first, { windowKey: "day-2", limit: 50, limitVersion: 1 });
    assert.equal(await trial.fits(first, 100), true);
    assert.equal(await trial.fits(second, 51), false);
    assert.equal(await trial.fits(second, 50), true);
  });
}
