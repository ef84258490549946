import { strict as assert } from "node:assert";
import type { AccountRef, CorrectionResult } from "../../ledger/ledger.ts";
import { copyOf } from "../../ledger/memory-correction.ts";
import { type LedgerCase, ledgerCase, MINUTE, only } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const NOTHING = { settled: 0, held: 0, leased: 0, unknown: 0 };

/** Takes the provider's word on one account. */
async function correct(
  { ledger }: LedgerCase,
  account: AccountRef,
  settled: number,
): Promise<CorrectionResult> {
  const { before, after } = only(await ledger.correct([{ account, settled }]));
  return { before: copyOf(before), after: copyOf(after) };
}

/** What holds when a balance is replaced by the provider's figures. */
export function correctionCases(options: LedgerContractOptions): void {
  ledgerCase(
    options,
    "a correction replaces what is settled and unknown, and nothing else",
    async (t) => {
      const account = t.account(1_000);
      await t.settle(await t.hold(account, 100), "settled", 70);
      await t.settle(await t.hold(account, 50), "unknown");
      await t.hold(account, 30);
      await t.takeLease(account, 40);
      const { before, after } = await correct(t, account, 95);
      assert.deepEqual(before, { settled: 70, held: 30, leased: 40, unknown: 50 });
      assert.deepEqual(after, { settled: 95, held: 30, leased: 40, unknown: 0 });
      await t.expect(account, { settled: 95, held: 30, leased: 40 });
      assert.equal(await t.fits(account, 836), false);
      assert.equal(await t.fits(account, 835), true);
    },
  );

  ledgerCase(options, "a correction may lower, raise or pass the limit", async (trial) => {
    const account = trial.account(100);
    await trial.settle(await trial.hold(account, 60), "settled", 60);
    for (const settled of [10, 0, 90, 250]) {
      assert.deepEqual((await correct(trial, account, settled)).after, { ...NOTHING, settled });
      assert.equal(await trial.fits(account, 11), settled <= 89);
    }
    assert.equal(await trial.fits(account, 0), false);
  });

  ledgerCase(options, "an account that nobody has used yet can be corrected", async (trial) => {
    const account = trial.account(100);
    const { before, after } = await correct(trial, account, 60);
    assert.deepEqual([before, after], [NOTHING, { ...NOTHING, settled: 60 }]);
    await trial.expect(trial.again(account), { settled: 60 });
    assert.equal(await trial.fits(trial.again(account), 41), false);
  });

  ledgerCase(
    options,
    "a call that was unknown when its account was corrected changes nothing there, but on its others",
    async (trial) => {
      const [account, other] = [trial.account(1_000), trial.account(1_000)];
      const early = trial.reservation([account, other], [50, 50]);
      await trial.reserve(early);
      await trial.settle(early.id, "unknown");
      await correct(trial, account, 20);
      assert.equal((await trial.settle(early.id, "settled", 30, 30)).applied, true);
      assert.equal((await trial.settle(early.id, "settled", 30, 30)).applied, false);
      await trial.expect(account, { settled: 20 });
      await trial.expect(other, { settled: 30 });
    },
  );

  ledgerCase(
    options,
    "a call that was held when its account was corrected is charged",
    async (t) => {
      const account = t.account(1_000);
      const [ends, vanishes] = [await t.hold(account, 50), await t.hold(account, 50)];
      await correct(t, account, 20);
      await t.settle(ends, "settled", 30);
      await t.settle(vanishes, "unknown");
      await t.expect(account, { settled: 50, unknown: 50 });
      await t.settle(vanishes, "settled", 5);
      await t.expect(account, { settled: 55 });
    },
  );

  ledgerCase(
    options,
    "corrections follow each other, each for what was unknown then",
    async (t) => {
      const account = t.account(1_000);
      const first = await t.hold(account, 50);
      await t.settle(first, "unknown");
      await correct(t, account, 20);
      const second = await t.hold(account, 60);
      await t.settle(second, "unknown");
      await t.settle(first, "settled", 50);
      await t.expect(account, { settled: 20, unknown: 60 });
      const { results } = await t.ledger.correct([
        { account, settled: 70 },
        { account: t.again(account), settled: 80 },
      ]);
      assert.deepEqual(
        results.map(({ before }) => before.settled),
        [20, 70],
      );
      await t.settle(second, "settled", 60);
      await t.expect(account, { settled: 80 });
    },
  );

  ledgerCase(options, "windows and accounts beside it keep their balance", async (trial) => {
    const account = trial.account(100, { windowKey: "day-1" });
    const beside = [trial.again(account, { windowKey: "day-2" }), trial.account(100)];
    for (const ref of [account, ...beside]) {
      await trial.settle(await trial.hold(ref, 10), "settled", 10);
      await trial.settle(await trial.hold(ref, 10), "unknown");
    }
    await correct(trial, account, 50);
    for (const ref of beside) await trial.expect(ref, { settled: 10, unknown: 10 });
  });

  ledgerCase(options, "a rolling window is not corrected", async (trial) => {
    const account = trial.account(100, { window: MINUTE });
    await trial.settle(await trial.hold(account, 60), "settled", 40);
    const id = await trial.hold(account, 20);
    await trial.settle(id, "unknown");
    const { before, after } = await correct(trial, account, 5);
    assert.deepEqual(before, { settled: 40, held: 0, leased: 0, unknown: 20 });
    assert.deepEqual(before, after);
    await trial.expect(account, { settled: 40, unknown: 20 });
    await trial.settle(id, "settled", 10);
    await trial.expect(account, { settled: 50 });
  });

  ledgerCase(options, "a correction that makes no sense changes nothing", async (trial) => {
    const account = trial.account(100);
    await trial.settle(await trial.hold(account, 60), "settled", 40);
    for (const settled of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const { before, after } = await correct(trial, account, settled);
      assert.deepEqual(before, { settled: 40, held: 0, leased: 0, unknown: 0 });
      assert.deepEqual(before, after);
      await trial.expect(account, { settled: 40 });
    }
  });

  leaseCorrectionCases(options);
}

/** What holds for leases that are out when their account is corrected. */
function leaseCorrectionCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a lease that is out goes on after a correction", async (trial) => {
    const account = trial.account(1_000);
    const id = await trial.takeLease(account, 100);
    await trial.giveBack(id, { revision: 1, settled: 10, kept: 70 });
    await correct(trial, account, 25);
    await trial.giveBack(id, { revision: 2, settled: 40, unknown: 15, kept: 5 });
    await trial.expect(account, { settled: 55, unknown: 15, leased: 5 });
    await trial.giveBack(id, { revision: 3, settled: 50 });
    await trial.expect(account, { settled: 65 });
  });

  ledgerCase(
    options,
    "what a lease had told of as unknown before a correction is known since",
    async (trial) => {
      const account = trial.account(1_000);
      const id = await trial.takeLease(account, 100);
      await trial.giveBack(id, { revision: 1, settled: 10, unknown: 20, kept: 40 });
      await correct(trial, account, 25);
      // Totals are repeated in every return: that is nothing new.
      await trial.giveBack(id, { revision: 2, settled: 10, unknown: 20, kept: 40 });
      await trial.expect(account, { settled: 25, leased: 40 });
      // The truth of it arrives, nothing of what was kept is gone: the figures counted it already.
      await trial.giveBack(id, { revision: 3, settled: 22, unknown: 0, kept: 40 });
      await trial.expect(account, { settled: 25, leased: 40 });
      await trial.giveBack(id, { revision: 4, settled: 32, unknown: 5, kept: 25 });
      await trial.expect(account, { settled: 35, unknown: 5, leased: 25 });
      await trial.giveBack(id, { revision: 5, settled: 37, unknown: 0, kept: 0 });
      await trial.expect(account, { settled: 40 });
    },
  );

  ledgerCase(
    options,
    "what a lease spent after a correction is charged, also beside late truths",
    async (trial) => {
      const account = trial.account(1_000);
      const id = await trial.takeLease(account, 100);
      await trial.giveBack(id, { revision: 1, settled: 10, unknown: 20, kept: 40 });
      await correct(trial, account, 25);
      // 5 of the 20 that were unknown, and 15 from what was kept.
      await trial.giveBack(id, { revision: 2, settled: 30, unknown: 0, kept: 25 });
      const { settled, leased, unknown } = await trial.balance(account);
      assert.ok(settled >= 40 && settled <= 45, `${settled} is no less than was spent`);
      assert.deepEqual([leased, unknown], [25, 0]);
    },
  );

  const { passTime } = options;
  if (passTime === undefined) return;

  ledgerCase(options, "a lease that expired before a correction is closed by it", async (trial) => {
    const account = trial.account(1_000);
    const id = trial.unique();
    await trial.lease(account, { id, amount: 80, ttlMs: 200 });
    await passTime(400);
    await trial.expect(account, { unknown: 80 });
    await correct(trial, account, 33);
    // Applied, though it changes nothing: else its holder would charge it without the lease.
    const late = { settled: 30, unknown: 10, kept: 10 };
    assert.equal((await trial.giveBack(id, { revision: 1, ...late })).applied, true);
    await trial.expect(account, { settled: 33 });
    assert.equal((await trial.giveBack(id, { revision: 2, settled: 50 })).applied, true);
    await trial.expect(account, { settled: 33 });
  });

  ledgerCase(options, "a call that expired before a correction changes nothing", async (trial) => {
    const [account, other] = [trial.account(1_000), trial.account(1_000)];
    const given = { expiresInMs: 200, dispatched: true };
    const request = trial.reservation([account, other], [80, 80], given);
    await trial.reserve(request);
    await passTime(400);
    await trial.expect(account, { unknown: 80 });
    await correct(trial, account, 33);
    await trial.settle(request.id, "settled", 50, 50);
    await trial.expect(account, { settled: 33 });
    await trial.expect(other, { settled: 50 });
  });
}
