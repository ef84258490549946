import { strict as assert } from "node:assert";
import { copyOf } from "../../ledger/memory-correction.ts";
import { ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds for the ends of reservations, one at a time. */
export function settleCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a settled call is charged what it used, the rest comes back", async (t) => {
    const [money, calls] = [t.account(100), t.account(2, { unit: "calls" })];
    const request = t.reservation([money, calls], [80, 1]);
    await t.reserve(request);
    const { applied, balances } = await t.settle(request.id, "settled", 30, 1);
    assert.equal(applied, true);
    const nothing = { settled: 0, held: 0, leased: 0, unknown: 0 };
    const expected = [
      { ...nothing, settled: 30 },
      { ...nothing, settled: 1 },
    ];
    assert.deepEqual(balances.map(copyOf), expected);
    assert.equal(await t.fits(money, 71), false);
    assert.equal(await t.fits(money, 70), true);
  });

  ledgerCase(options, "a call settles once, whatever follows", async (trial) => {
    const account = trial.account(100);
    const id = await trial.hold(account, 80);
    await trial.settle(id, "settled", 30);
    for (const as of ["settled", "released", "unknown"] as const) {
      assert.equal((await trial.settle(id, as, 80)).applied, false);
    }
    await trial.expect(account, { settled: 30 });
  });

  ledgerCase(options, "a released reservation gives everything back, once", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 20);
    const id = await trial.hold(account, 80);
    assert.equal((await trial.settle(id, "released")).applied, true);
    assert.equal((await trial.settle(id, "released")).applied, false);
    assert.equal((await trial.settle(id, "settled", 80)).applied, false);
    await trial.expect(account, { held: 20 });
  });

  ledgerCase(options, "usage above the reservation is charged; no new work then", async (trial) => {
    const account = trial.account(100);
    const id = await trial.hold(account, 10);
    await trial.settle(id, "settled", 130);
    await trial.expect(account, { settled: 130 });
    assert.equal(await trial.fits(account, 1), false);
    assert.equal(await trial.fits(account, 0), false);
    assert.deepEqual(await trial.lease(account), { kind: "refused", remaining: 0 });
  });

  ledgerCase(
    options,
    "a call of unknown end is charged; its settlement corrects it once",
    async (t) => {
      const account = t.account(100);
      const id = await t.hold(account, 80);
      assert.equal((await t.settle(id, "unknown")).applied, true);
      assert.equal((await t.settle(id, "unknown")).applied, false);
      await t.expect(account, { unknown: 80 });
      assert.equal(await t.fits(account, 21), false);
      assert.equal((await t.settle(id, "settled", 30)).applied, true);
      assert.equal((await t.settle(id, "settled", 30)).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  ledgerCase(
    options,
    "a call of unknown end cannot be released: it may have been billed",
    async (t) => {
      const account = t.account(100);
      const id = await t.hold(account, 80);
      await t.settle(id, "unknown");
      assert.equal((await t.settle(id, "released")).applied, false);
      await t.expect(account, { unknown: 80 });
    },
  );

  ledgerCase(options, "a settlement of an id never seen changes nothing", async (trial) => {
    const account = trial.account(100);
    await trial.hold(account, 10);
    const { applied, balances } = await trial.settle(trial.unique(), "settled", 10);
    assert.equal(applied, false);
    assert.equal(balances.length, 0);
    await trial.expect(account, { held: 10 });
  });

  ledgerCase(options, "usage that makes no sense charges all that was reserved", async (trial) => {
    const account = trial.account(1_000);
    let charged = 0;
    for (const used of [-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const id = await trial.hold(account, 80);
      assert.equal((await trial.settle(id, "settled", used)).applied, true);
      charged += 80;
      await trial.expect(account, { settled: charged });
    }
    await trial.settle(await trial.hold(account, 80), "settled");
    await trial.expect(account, { settled: charged + 80 });
  });

  ledgerCase(options, "dispatch says which calls it knows, and moves no money", async (trial) => {
    const account = trial.account(100);
    const id = await trial.hold(account, 80);
    const { results } = await trial.ledger.dispatch([trial.unique(), id]);
    assert.deepEqual([...results], [false, true]);
    await trial.expect(account, { held: 80 });
    await trial.settle(id, "settled", 30);
    assert.deepEqual([...(await trial.ledger.dispatch([id])).results], [false]);
    await trial.expect(account, { settled: 30 });
  });
}
