import { strict as assert } from "node:assert";
import { LONG_MS, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds for taking a slice of an account to spend without asking. */
export function leaseCases(options: LedgerContractOptions): void {
  ledgerCase(options, "what is leased counts against the limit, like what is held", async (t) => {
    const account = t.account(100);
    const result = await t.lease(account, { amount: 70 });
    assert.ok(result.kind === "granted");
    assert.equal(result.amount, 70);
    assert.equal(result.balance.leased, 70);
    await t.expect(account, { leased: 70 });
    assert.equal(await t.fits(account, 31), false);
    await t.hold(account, 30);
    assert.deepEqual(await t.lease(account), { kind: "refused", remaining: 0 });
  });

  ledgerCase(
    options,
    "a lease is cut to what is left, but not below its minimum",
    async (trial) => {
      const account = trial.account(100);
      await trial.hold(account, 60);
      const refused = await trial.lease(account, { amount: 50, minimum: 41 });
      assert.deepEqual(refused, { kind: "refused", remaining: 40 });
      await trial.expect(account, { held: 60 });
      const granted = await trial.lease(account, { amount: 50, minimum: 40 });
      assert.equal(granted.kind === "granted" && granted.amount, 40);
    },
  );

  ledgerCase(
    options,
    "a lease takes its share of what is left, and at least its minimum",
    async (t) => {
      const account = t.account(1_000);
      const shares: number[] = [];
      for (let index = 0; index < 3; index++) {
        const result = await t.lease(account, { amount: 900, minimum: 10, maxShare: 1 / 64 });
        if (result.kind === "granted") shares.push(result.amount);
      }
      assert.deepEqual(shares, [15, 15, 15]);
      await t.hold(account, 1_000 - 45 - 100);
      const last = await t.lease(account, { amount: 900, minimum: 10, maxShare: 1 / 64 });
      assert.equal(last.kind === "granted" && last.amount, 10);
    },
  );

  ledgerCase(
    options,
    "asking for a lease again gives the same slice, not a second",
    async (trial) => {
      const account = trial.account(100);
      const id = trial.unique();
      const first = await trial.lease(account, { id, amount: 60 });
      const again = await trial.lease(account, { id, amount: 60 });
      assert.ok(first.kind === "granted" && again.kind === "granted");
      assert.equal(again.amount, first.amount);
      assert.equal(again.expiresAtMs, first.expiresAtMs);
      await trial.expect(account, { leased: 60 });
    },
  );

  ledgerCase(options, "a lease ends no later than its window", async (trial) => {
    const endsAtMs = trial.startMs + 90_000;
    const window = { kind: "fixed", startsAtMs: trial.startMs, endsAtMs } as const;
    const account = trial.account(100, { windowKey: "short", window });
    const result = await trial.lease(account, { amount: 10 });
    assert.ok(result.kind === "granted");
    assert.ok(result.expiresAtMs <= endsAtMs, "it ends with its window");
  });

  ledgerCase(options, "a lease comes back as spent, unknown and the rest", async (trial) => {
    const account = trial.account(100);
    const id = await trial.takeLease(account, 100);
    const { applied, balance } = await trial.giveBack(id, { settled: 30, unknown: 20 });
    assert.equal(applied, true);
    assert.equal(balance?.settled, 30);
    await trial.expect(account, { settled: 30, unknown: 20 });
    assert.equal(await trial.fits(account, 51), false);
    assert.equal(await trial.fits(account, 50), true);
  });

  ledgerCase(options, "what a lease left unknown is corrected by a later return", async (t) => {
    const account = t.account(100);
    const id = await t.takeLease(account, 60);
    const first = await t.giveBack(id, { revision: 1, settled: 10, unknown: 20 });
    assert.equal(first.expiresAtMs, undefined);
    await t.expect(account, { settled: 10, unknown: 20 });
    await t.giveBack(id, { revision: 2, settled: 18, unknown: 5, kept: 30 });
    await t.expect(account, { settled: 18, unknown: 5 });
    assert.equal((await t.giveBack(id, { revision: 3, settled: 22 })).applied, true);
    assert.equal((await t.giveBack(id, { revision: 4, settled: 30 })).applied, false);
    await t.expect(account, { settled: 22 });
  });

  ledgerCase(options, "a lease comes back once, however often that is said", async (trial) => {
    const account = trial.account(100);
    const id = await trial.takeLease(account, 60);
    await trial.giveBack(id, { settled: 30 });
    assert.equal((await trial.giveBack(id, { settled: 30 })).applied, false);
    assert.equal((await trial.giveBack(id, { revision: 2, settled: 60 })).applied, false);
    assert.equal((await trial.giveBack(trial.unique(), { settled: 9 })).applied, false);
    await trial.expect(account, { settled: 30 });
  });

  ledgerCase(
    options,
    "what calls in flight hold stays leased until a later return",
    async (trial) => {
      const account = trial.account(100);
      const id = await trial.takeLease(account, 60);
      await trial.giveBack(id, { revision: 1, settled: 10, unknown: 5, kept: 20 });
      await trial.expect(account, { settled: 10, unknown: 5, leased: 20 });
      const again = await trial.giveBack(id, { revision: 1, settled: 10, unknown: 5, kept: 20 });
      assert.equal(again.applied, false);
      assert.equal((await trial.giveBack(id, { revision: 0, kept: 60 })).applied, false);
      await trial.expect(account, { settled: 10, unknown: 5, leased: 20 });
      await trial.giveBack(id, { revision: 3, settled: 27, unknown: 0, kept: 0 });
      await trial.expect(account, { settled: 27 });
    },
  );

  ledgerCase(
    options,
    "a lease never grows by being returned, nor is spending taken back",
    async (t) => {
      const account = t.account(100);
      const id = await t.takeLease(account, 60);
      await t.giveBack(id, { revision: 1, settled: 30, kept: 20 });
      await t.giveBack(id, { revision: 2, settled: 10, kept: 99 });
      await t.expect(account, { settled: 30, leased: 20 });
    },
  );

  ledgerCase(options, "spending above a lease is charged; no new work then", async (trial) => {
    const account = trial.account(100);
    const id = await trial.takeLease(account, 60);
    await trial.giveBack(id, { settled: 130 });
    await trial.expect(account, { settled: 130 });
    assert.equal(await trial.fits(account, 1), false);
  });

  ledgerCase(options, "a return that makes no sense charges all that is leased", async (trial) => {
    for (const figure of [-1, 0.5, Number.NaN]) {
      const account = trial.account(100);
      const id = await trial.takeLease(account, 60);
      await trial.giveBack(id, { revision: 1, settled: 10, kept: 40 });
      assert.equal((await trial.giveBack(id, { revision: 2, settled: figure })).applied, true);
      await trial.expect(account, { settled: 10, unknown: 40 });
    }
  });

  ledgerCase(options, "a lease that makes no sense is refused", async (trial) => {
    const account = trial.account(100);
    for (const amount of [-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal((await trial.lease(account, { amount })).kind, "refused");
      assert.equal((await trial.lease(account, { amount: 9, minimum: amount })).kind, "refused");
    }
    assert.equal((await trial.lease(account, { amount: 0, minimum: 0 })).kind, "refused");
    await trial.expect(account, {});
  });

  ledgerCase(options, "a batch of leases is answered in order, each by itself", async (trial) => {
    const account = trial.account(100);
    const ask = { account, minimum: 60, maxShare: 1, ttlMs: LONG_MS, atMs: trial.startMs };
    const ids = [trial.unique(), trial.unique()] as const;
    const { results } = await trial.ledger.lease([
      { ...ask, id: ids[0], amount: 60 },
      { ...ask, id: ids[1], amount: 60 },
      { ...ask, id: ids[0], amount: 60 },
    ]);
    const kinds = results.map((result) => result.kind);
    assert.deepEqual(kinds, ["granted", "refused", "granted"]);
    await trial.expect(account, { leased: 60 });
  });
}
