import { strict as assert } from "node:assert";
import type { AccountRef } from "../../ledger/ledger.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import { type LedgerCase, LONG_MS, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** What holds whatever users, models and attackers put into names. */
export function hostileCases(options: LedgerContractOptions): void {
  ledgerCase(options, "accounts whose names differ in anything are kept apart", async (trial) => {
    const prefix = trial.unique();
    const accounts = HOSTILE_NAMES.flatMap((name) => [
      trial.account(1_000, { key: `${prefix}${name}`, org: name }),
      trial.account(1_000, { key: prefix, windowKey: `window${name}`, org: name }),
    ]);
    await areApart(trial, accounts);
  });

  ledgerCase(
    options,
    "names that look alike when they are joined are kept apart",
    async (trial) => {
      const prefix = trial.unique();
      const accounts = [":", "|", "\n", " ", "/", "-", "_", ",", ".", "}", "\u0001"].flatMap(
        (mark) => [
          trial.account(1_000, { key: `${prefix}${mark}a`, windowKey: "b" }),
          trial.account(1_000, { key: prefix, windowKey: `a${mark}b` }),
          trial.account(1_000, { key: `${prefix}${mark}a${mark}b`, windowKey: "" }),
        ],
      );
      await areApart(trial, accounts);
    },
  );

  ledgerCase(options, "ids of any kind reserve, settle and lease once", async (trial) => {
    const prefix = trial.unique();
    const account = trial.account(1_000_000);
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      const request = trial.reservation([account], [100], { id: `${prefix}${name}` });
      assert.equal((await trial.reserve(request)).kind, "reserved", `${index} is a new id`);
      assert.equal((await trial.reserve(request)).kind, "duplicate");
    }
    const ids = HOSTILE_NAMES.map((name) => `${prefix}${name}`);
    assert.ok((await trial.ledger.dispatch(ids)).results.every((known) => known));
    const ends = ids.map((id, index) => ({ id, as: "settled" as const, amounts: [index] }));
    const { results } = await trial.ledger.settle([...ends, ...ends]);
    assert.deepEqual(
      results.map(({ applied }) => applied),
      [...ids.map(() => true), ...ids.map(() => false)],
    );
    const settled = ids.reduce((sum, _, index) => sum + index, 0);
    await trial.expect(account, { settled });
    for (const id of ids) await trial.lease(account, { id, amount: 10 });
    await trial.expect(account, { settled, leased: 10 * ids.length });
    for (const id of ids) {
      assert.equal((await trial.giveBack(id, { settled: 1 })).applied, true);
      assert.equal((await trial.giveBack(id, { settled: 1 })).applied, false);
    }
    const ask = { account, amount: 1, atMs: trial.startMs, rememberMs: LONG_MS };
    const charges = ids.map((id) => ({ ...ask, id }));
    const charged = await trial.ledger.charge([...charges, ...charges]);
    assert.equal(charged.results.filter(({ applied }) => applied).length, ids.length);
    await trial.expect(account, { settled: settled + 2 * ids.length });
  });

  ledgerCase(
    options,
    "a name with a NUL is kept apart or refused, never cut short",
    async (trial) => {
      const prefix = trial.unique();
      const plain = trial.account(1_000, { key: prefix });
      await trial.hold(plain, 7);
      for (const key of [`${prefix}\0`, `${prefix}\0rest`]) {
        const account = trial.account(1_000, { key });
        const request = trial.reservation([account], [50]);
        const kind = await trial.reserve(request).then(
          (result) => result.kind,
          () => "refused",
        );
        if (kind === "reserved") await trial.expect(trial.again(account), { held: 50 });
        await trial.expect(plain, { held: 7 });
      }
      const id = trial.unique();
      await trial.hold(plain, 1);
      await trial.reserve(trial.reservation([plain], [3], { id: `${id}\0a` })).catch(() => {});
      const { kind } = await trial.reserve(trial.reservation([plain], [5], { id }));
      assert.equal(kind, "reserved", "the id without a NUL is another id");
    },
  );
}

/** Puts something different on each account, and looks whether it stays there. */
async function areApart(trial: LedgerCase, accounts: readonly AccountRef[]): Promise<void> {
  for (const [index, account] of accounts.entries()) {
    await trial.hold(account, index + 1);
    const id = await trial.hold(account, 500);
    await trial.settle(id, "settled", 2 * index);
  }
  const asked = accounts.map((account) => trial.again(account));
  const { results } = await trial.ledger.balances(asked, trial.startMs);
  assert.deepEqual(
    results.map(({ held, settled }) => [held, settled]),
    accounts.map((_, index) => [index + 1, 2 * index]),
  );
}
