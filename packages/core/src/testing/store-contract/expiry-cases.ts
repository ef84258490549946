import { strict as assert } from "node:assert";
import type { AccountRef, Balance } from "../../ledger/ledger.ts";
import { until } from "../adapter-contract/world.ts";
import type { LedgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";
import { timedCase } from "./timed-case.ts";

/**
 * What becomes of that which nobody ended, by the store's own clock. A store may take its time to
 * sweep; until then money stays held, which is safe.
 */
export function expiryCases(options: LedgerContractOptions): void {
  const { passTime } = options;
  if (passTime === undefined) return;

  async function expire(
    trial: LedgerCase,
    account: AccountRef,
    ttlMs: number,
    isDue: (balance: Balance) => boolean,
  ): Promise<void> {
    await passTime?.(2 * ttlMs);
    await until("the expiry", async () => isDue(await trial.balance(account)));
  }

  timedCase(
    options,
    "a reservation that expires before dispatch is given back",
    async (trial, ttlMs) => {
      const account = trial.account(100);
      await trial.reserve(trial.reservation([account], [80], { expiresInMs: ttlMs }));
      await expire(trial, account, ttlMs, ({ held }) => held === 0);
      await trial.expect(account, {});
    },
  );

  timedCase(
    options,
    "one that expires after dispatch is charged, and corrected once",
    async (t, ttlMs) => {
      const account = t.account(100);
      const request = t.reservation([account], [80], { expiresInMs: ttlMs });
      await t.reserve(request);
      await t.ledger.dispatch([request.id]);
      await expire(t, account, ttlMs, ({ held }) => held === 0);
      await t.expect(account, { unknown: 80 });
      assert.equal((await t.settle(request.id, "settled", 30)).applied, true);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  timedCase(
    options,
    "a call that was billed after its reservation expired is charged",
    async (t, ttlMs) => {
      const account = t.account(100);
      const request = t.reservation([account], [80], { expiresInMs: ttlMs });
      await t.reserve(request);
      await expire(t, account, ttlMs, ({ held }) => held === 0);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, true);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  timedCase(
    options,
    "what a lease never accounted for is charged, and corrected once",
    async (t, ttlMs) => {
      const account = t.account(100);
      const id = t.unique();
      await t.lease(account, { id, amount: 80, ttlMs });
      await t.giveBack(id, { revision: 1, settled: 10, kept: 60 });
      await expire(t, account, ttlMs, ({ leased }) => leased === 0);
      await t.expect(account, { settled: 10, unknown: 60 });
      assert.equal((await t.giveBack(id, { revision: 2, settled: 30 })).applied, true);
      assert.equal((await t.giveBack(id, { revision: 2, settled: 30 })).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  timedCase(
    options,
    "a call reserved as dispatched is charged when it expires, and corrected once",
    async (t, ttlMs) => {
      const account = t.account(100);
      const given = { expiresInMs: ttlMs, dispatched: true };
      const request = t.reservation([account], [80], given);
      await t.reserve(request);
      await expire(t, account, ttlMs, ({ held }) => held === 0);
      await t.expect(account, { unknown: 80 });
      assert.equal((await t.settle(request.id, "released")).applied, false);
      assert.equal((await t.settle(request.id, "unknown")).applied, false);
      const late = await t.settle(request.id, "settled", 30);
      assert.deepEqual([late.applied, late.spentBefore[0]], [true, 80]);
      await t.expect(account, { settled: 30 });
    },
  );

  timedCase(options, "what expires makes room at once", async (t, ttlMs) => {
    const account = t.account(100);
    await t.reserve(t.reservation([account], [100], { expiresInMs: ttlMs }));
    assert.equal(await t.fits(account, 1), false);
    await passTime(2 * ttlMs);
    await until("room", () => t.fits(account, 100));
    const { kind } = await t.lease(account, { amount: 100, minimum: 100 });
    assert.equal(kind, "granted");
  });

  timedCase(
    options,
    "a late settlement is charged though others have taken the room",
    async (t, ttlMs) => {
      const account = t.account(100);
      const request = t.reservation([account], [80], { expiresInMs: ttlMs });
      await t.reserve(request);
      await expire(t, account, ttlMs, ({ held }) => held === 0);
      await t.hold(account, 100);
      const late = await t.settle(request.id, "settled", 30);
      assert.deepEqual([late.applied, late.spentBefore[0]], [true, 0]);
      await t.expect(account, { settled: 30, held: 100 });
      assert.equal(await t.fits(account, 0), false);
    },
  );

  timedCase(options, "what ended in time is not ended again by its expiry", async (t, ttlMs) => {
    const account = t.account(1_000);
    const ends = ["settled", "released", "unknown"] as const;
    for (const as of ends) {
      const given = { expiresInMs: 5 * ttlMs, dispatched: as !== "released" };
      const request = t.reservation([account], [80], given);
      await t.reserve(request);
      await t.settle(request.id, as, 30);
    }
    const id = t.unique();
    await t.lease(account, { id, amount: 80, ttlMs: 5 * ttlMs });
    await t.giveBack(id, { settled: 40 });
    await passTime(6 * ttlMs);
    await t.expect(account, { settled: 70, unknown: 80 });
  });

  timedCase(
    options,
    "a lease that expired stays charged for what a late return still keeps",
    async (t, ttlMs) => {
      const account = t.account(200);
      const id = t.unique();
      await t.lease(account, { id, amount: 80, ttlMs });
      await expire(t, account, ttlMs, ({ leased }) => leased === 0);
      await t.expect(account, { unknown: 80 });
      const late = await t.giveBack(id, { revision: 1, settled: 10, unknown: 5, kept: 20 });
      assert.deepEqual([late.applied, late.spentBefore], [true, 80]);
      await t.expect(account, { settled: 10, unknown: 25 });
      await t.giveBack(id, { revision: 2, settled: 90 });
      await t.expect(account, { settled: 90 });
    },
  );

  timedCase(options, "dispatch, asked again, prolongs a reservation", async (t, ttlMs) => {
    const account = t.account(100);
    const given = { expiresInMs: 5 * ttlMs, dispatched: true };
    const request = t.reservation([account], [80], given);
    await t.reserve(request);
    await passTime(3 * ttlMs);
    assert.deepEqual([...(await t.ledger.dispatch([request.id])).results], [true]);
    await passTime(3 * ttlMs);
    await t.expect(account, { held: 80 });
    await passTime(3 * ttlMs);
    await t.expect(account, { unknown: 80 });
    assert.deepEqual([...(await t.ledger.dispatch([request.id])).results], [false]);
    await t.settle(request.id, "settled", 30);
    await t.expect(account, { settled: 30 });
  });
}
