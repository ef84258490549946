import { strict as assert } from "node:assert";
import type { AccountRef, Balance } from "../../ledger/ledger.ts";
import { until } from "../adapter-contract/world.ts";
import { type LedgerCase, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const TTL_MS = 200;

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
    isDue: (balance: Balance) => boolean,
  ): Promise<void> {
    await passTime?.(2 * TTL_MS);
    await until("the expiry", async () => isDue(await trial.balance(account)));
  }

  ledgerCase(options, "a reservation that expires before dispatch is given back", async (trial) => {
    const account = trial.account(100);
    await trial.reserve(trial.reservation([account], [80], { expiresInMs: TTL_MS }));
    await expire(trial, account, ({ held }) => held === 0);
    await trial.expect(account, {});
  });

  ledgerCase(
    options,
    "one that expires after dispatch is charged, and corrected once",
    async (t) => {
      const account = t.account(100);
      const request = t.reservation([account], [80], { expiresInMs: TTL_MS });
      await t.reserve(request);
      await t.ledger.dispatch([request.id]);
      await expire(t, account, ({ held }) => held === 0);
      await t.expect(account, { unknown: 80 });
      assert.equal((await t.settle(request.id, "settled", 30)).applied, true);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  ledgerCase(
    options,
    "a call that was billed after its reservation expired is charged",
    async (t) => {
      const account = t.account(100);
      const request = t.reservation([account], [80], { expiresInMs: TTL_MS });
      await t.reserve(request);
      await expire(t, account, ({ held }) => held === 0);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, true);
      assert.equal((await t.settle(request.id, "settled", 30)).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );

  ledgerCase(
    options,
    "what a lease never accounted for is charged, and corrected once",
    async (t) => {
      const account = t.account(100);
      const id = t.unique();
      await t.lease(account, { id, amount: 80, ttlMs: TTL_MS });
      await t.giveBack(id, { revision: 1, settled: 10, kept: 60 });
      await expire(t, account, ({ leased }) => leased === 0);
      await t.expect(account, { settled: 10, unknown: 60 });
      assert.equal((await t.giveBack(id, { revision: 2, settled: 30 })).applied, true);
      assert.equal((await t.giveBack(id, { revision: 2, settled: 30 })).applied, false);
      await t.expect(account, { settled: 30 });
    },
  );
}
