import { strict as assert } from "node:assert";
import { copyOf } from "../../ledger/memory-correction.ts";
import { ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds for reservations, one at a time. */
export function reserveCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a reservation takes from every account, or from none", async (trial) => {
    const [day, task] = [trial.account(100), trial.account(10)];
    const fits = trial.reservation([day, task], [10, 10]);
    assert.equal((await trial.reserve(fits)).kind, "reserved");
    await trial.expect(day, { held: 10 });
    await trial.expect(task, { held: 10 });
    assert.equal((await trial.reserve(trial.reservation([day, task], [1, 1]))).kind, "refused");
    assert.equal((await trial.reserve(trial.reservation([task, day], [1, 1]))).kind, "refused");
    await trial.expect(day, { held: 10 });
    await trial.expect(task, { held: 10 });
  });

  ledgerCase(options, "the last unit of a limit can be reserved, and no more", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 99);
    await trial.hold(account, 1);
    assert.equal(await trial.fits(account, 1), false);
    await trial.expect(account, { held: 100 });
  });

  ledgerCase(
    options,
    "a refusal says which account had not enough, and every balance",
    async (t) => {
      const [day, task] = [t.account(100), t.account(10)];
      await t.hold(day, 7);
      const result = await t.reserve(t.reservation([day, task], [1, 11]));
      assert.ok(result.kind === "refused");
      assert.equal(result.index, 1);
      const nothing = { settled: 0, held: 0, leased: 0, unknown: 0 };
      assert.deepEqual(result.balances.map(copyOf), [{ ...nothing, held: 7 }, nothing]);
    },
  );

  ledgerCase(options, "a call that is refused leaves no trace", async (trial) => {
    const account = trial.account(100);
    for (let index = 0; index < 20; index++) {
      assert.equal(await trial.fits(account, 101), false);
      await trial.expect(account, {});
    }
    assert.equal(await trial.fits(account, 100), true);
  });

  ledgerCase(options, "big calls that are refused do not starve small ones that fit", async (t) => {
    const account = t.account(100);
    await t.hold(account, 60);
    let small = 0;
    for (let index = 0; index < 20; index++) {
      assert.equal((await t.reserve(t.reservation([account], [50]))).kind, "refused");
      if ((await t.reserve(t.reservation([account], [2]))).kind === "reserved") small++;
    }
    assert.equal(small, 20);
    await t.expect(account, { held: 100 });
  });

  ledgerCase(options, "an id in use is a duplicate and takes nothing", async (trial) => {
    const account = trial.account(100);
    const request = trial.reservation([account], [10]);
    assert.equal((await trial.reserve(request)).kind, "reserved");
    assert.equal((await trial.reserve(request)).kind, "duplicate");
    await trial.expect(account, { held: 10 });
    await trial.settle(request.id, "unknown");
    assert.equal((await trial.reserve(request)).kind, "duplicate");
    await trial.expect(account, { unknown: 10 });
  });

  ledgerCase(options, "an id that was refused can be used again", async (trial) => {
    const account = trial.account(100);
    const request = trial.reservation([account], [101]);
    assert.equal((await trial.reserve(request)).kind, "refused");
    assert.equal((await trial.reserve({ ...request, amounts: [100] })).kind, "reserved");
    await trial.expect(account, { held: 100 });
  });

  ledgerCase(options, "one account twice in a reservation adds up", async (trial) => {
    const account = trial.account(100);
    const twice = [account, trial.again(account)];
    assert.equal((await trial.reserve(trial.reservation(twice, [60, 41]))).kind, "refused");
    await trial.expect(account, {});
    const fits = trial.reservation(twice, [60, 40]);
    assert.equal((await trial.reserve(fits)).kind, "reserved");
    await trial.expect(account, { held: 100 });
    await trial.settle(fits.id, "settled", 50, 7);
    await trial.expect(account, { settled: 57 });
  });

  ledgerCase(options, "accounts of one name in different orgs are one account", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 60);
    assert.equal(await trial.fits(trial.again(account, { org: trial.unique() }), 41), false);
  });

  ledgerCase(
    options,
    "an amount that makes no sense is refused and takes nothing",
    async (trial) => {
      const [sound, account] = [trial.account(100), trial.account(100)];
      for (const amount of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        const request = trial.reservation([sound, account], [1, amount]);
        assert.equal((await trial.reserve(request)).kind, "refused", `${amount} is no amount`);
        await trial.expect(sound, {});
        await trial.expect(account, {});
      }
    },
  );

  ledgerCase(options, "nano-dollars are exact up to 9,007,199,254,740,991", async (trial) => {
    const account = trial.account(Number.MAX_SAFE_INTEGER);
    const first = await trial.hold(account, 9_007_199_254_740_988);
    const second = await trial.hold(account, 3);
    assert.equal(await trial.fits(account, 1), false);
    await trial.settle(first, "settled", 9_007_199_254_740_987);
    await trial.expect(account, { settled: 9_007_199_254_740_987, held: 3 });
    assert.equal(await trial.fits(account, 2), false);
    assert.equal(await trial.fits(account, 1), true);
    await trial.settle(second, "unknown");
    await trial.expect(account, { settled: 9_007_199_254_740_987, unknown: 3 });
    await trial.settle(second, "settled", 4);
    await trial.expect(account, { settled: Number.MAX_SAFE_INTEGER });
    assert.equal(await trial.fits(account, 1), false);
  });
}
