import { strict as assert } from "node:assert";
import { LONG_MS, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const ACCOUNTS = 16;
const BATCH = 500;

/** What holds for calls that many budgets apply to, and for batches of busy processes. */
export function largeCases(options: LedgerContractOptions): void {
  ledgerCase(options, "a call of sixteen accounts takes from all of them or none", async (t) => {
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) => t.account(100 + index));
    const amounts = accounts.map((_, index) => 50 + index);
    const request = t.reservation(accounts, amounts);
    assert.equal((await t.reserve(request)).kind, "reserved");
    for (let full = 0; full < ACCOUNTS; full++) {
      const asked = accounts.map((_, index) => (index === full ? 51 : 50));
      const result = await t.reserve(t.reservation(accounts, asked));
      assert.equal(result.kind === "refused" && result.index, full);
    }
    const { results } = await t.ledger.balances(accounts);
    assert.deepEqual(
      results.map(({ held }) => held),
      amounts,
    );
    const used = accounts.map((_, index) => 2 * index);
    const { applied, balances, spentBefore } = await t.settle(request.id, "settled", ...used);
    assert.equal(applied, true);
    assert.deepEqual(
      balances.map(({ settled, held }) => [settled, held]),
      used.map((amount) => [amount, 0]),
    );
    assert.deepEqual(
      [...spentBefore],
      accounts.map(() => 0),
    );
  });

  ledgerCase(options, "a batch of 500 is answered item by item", async (trial) => {
    const accounts = Array.from({ length: 10 }, () => trial.account(10 * 25));
    const requests = Array.from({ length: BATCH }, (_, index) => {
      const [one, two] = [accounts[index % 10], accounts[(index + 3) % 10]];
      return trial.reservation(one && two ? [trial.again(one), trial.again(two)] : [], [5, 5]);
    });
    const { results } = await trial.ledger.reserve(requests);
    assert.equal(results.length, BATCH);
    const reserved = requests.filter((_, index) => results[index]?.kind === "reserved");
    assert.equal(reserved.length, BATCH / 2, "all that fits, and no more");
    for (const account of accounts) await trial.expect(account, { held: 250 });
    assert.deepEqual(
      [...(await trial.ledger.dispatch(requests.map(({ id }) => id))).results],
      results.map(({ kind }) => kind === "reserved"),
    );
    const ends = requests.map(({ id }) => ({ id, as: "settled" as const, amounts: [3, 4] }));
    const settled = await trial.ledger.settle(ends);
    assert.equal(settled.results.filter(({ applied }) => applied).length, reserved.length);
    for (const account of accounts) await trial.expect(account, { settled: 25 * 7 });
  });

  ledgerCase(options, "500 leases, returns, charges and corrections go at once", async (trial) => {
    const accounts = Array.from({ length: BATCH }, () => trial.account(100));
    const atMs = trial.startMs;
    const common = { amount: 40, minimum: 1, maxShare: 1, ttlMs: LONG_MS, atMs };
    const leases = accounts.map((account) => ({ id: trial.unique(), account, ...common }));
    const granted = await trial.ledger.lease(leases);
    assert.ok(granted.results.every(({ kind }) => kind === "granted"));
    const nothing = { revision: 1, unknown: 0, atMs };
    const returns = leases.map(({ id }, index) => ({
      ...nothing,
      id,
      settled: index % 30,
      kept: index % 7,
    }));
    const returned = await trial.ledger.returnLeases(returns);
    assert.ok(returned.results.every(({ applied }) => applied));
    const charges = accounts.map((account) => ({
      id: trial.unique(),
      account,
      amount: 2,
      atMs,
      rememberMs: LONG_MS,
    }));
    assert.ok((await trial.ledger.charge(charges)).results.every(({ applied }) => applied));
    const corrected = await trial.ledger.correct(
      accounts.slice(0, BATCH / 2).map((account, index) => ({ account, settled: index % 11 })),
    );
    assert.equal(corrected.results.length, BATCH / 2);
    const { results } = await trial.ledger.balances(accounts);
    assert.deepEqual(
      results.map(({ settled, leased }) => [settled, leased]),
      accounts.map((_, index) => [index < BATCH / 2 ? index % 11 : (index % 30) + 2, index % 7]),
    );
  });
}
