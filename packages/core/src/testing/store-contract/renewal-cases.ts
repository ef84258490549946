import { strict as assert } from "node:assert";
import type { LeaseReturn } from "../../ledger/ledger.ts";
import { type LedgerCase, LONG_MS, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const SHORT_MS = 1_000;

/** Returns part of a lease; gives until when the rest may be spent from. */
async function renew(
  trial: LedgerCase,
  id: string,
  given: Partial<LeaseReturn>,
): Promise<number | undefined> {
  const result = await trial.giveBack(id, { kept: 50, ...given });
  assert.equal(result.applied, true);
  return result.expiresAtMs;
}

/** What holds for leases that are prolonged, on the contract's own time. */
export function renewalCases(options: LedgerContractOptions): void {
  async function take(trial: LedgerCase, ttlMs: number, endsAtMs?: number) {
    const startsAtMs = Number.NEGATIVE_INFINITY;
    const window = { kind: "fixed", startsAtMs, endsAtMs: endsAtMs ?? Infinity } as const;
    const account = trial.account(100, { windowKey: `until ${endsAtMs}`, window });
    const id = trial.unique();
    const result = await trial.lease(account, { id, amount: 80, ttlMs });
    assert.ok(result.kind === "granted");
    return { account, id, expiresAtMs: result.expiresAtMs };
  }

  ledgerCase(options, "a return without a time leaves the expiry of its lease", async (trial) => {
    const { id, expiresAtMs } = await take(trial, LONG_MS);
    assert.equal(await renew(trial, id, {}), expiresAtMs);
    assert.equal(await renew(trial, id, { revision: 2, settled: 20, kept: 9 }), expiresAtMs);
  });

  ledgerCase(options, "a return prolongs its lease, and never shortens it", async (trial) => {
    const { account, id, expiresAtMs } = await take(trial, LONG_MS);
    const longer = (await renew(trial, id, { ttlMs: 3 * LONG_MS })) ?? 0;
    const gained = longer - expiresAtMs;
    assert.ok(gained >= 2 * LONG_MS && gained < 2.5 * LONG_MS, `${gained} ms were gained`);
    assert.equal(await renew(trial, id, { revision: 2, ttlMs: 1 }), longer);
    await trial.expect(account, { leased: 50 });
  });

  ledgerCase(options, "a repeated return prolongs nothing", async (trial) => {
    const { id, expiresAtMs } = await take(trial, LONG_MS);
    await renew(trial, id, { revision: 2 });
    for (const revision of [1, 2]) {
      const old = await trial.giveBack(id, { revision, kept: 50, ttlMs: 9 * LONG_MS });
      assert.equal(old.applied, false);
      assert.equal(old.expiresAtMs, undefined);
    }
    assert.equal(await renew(trial, id, { revision: 3 }), expiresAtMs);
  });

  ledgerCase(options, "no return prolongs a lease beyond its window's end", async (trial) => {
    const endsAtMs = trial.startMs + 2 * LONG_MS;
    const { id } = await take(trial, LONG_MS, endsAtMs);
    assert.equal(await renew(trial, id, { ttlMs: 4 * LONG_MS }), endsAtMs);
  });

  ledgerCase(options, "a lease that keeps nothing is over, whatever it asks for", async (trial) => {
    const { account, id } = await take(trial, LONG_MS);
    assert.equal(await renew(trial, id, { settled: 30, kept: 0, ttlMs: LONG_MS }), undefined);
    assert.equal((await trial.giveBack(id, { revision: 2, kept: 40 })).applied, false);
    await trial.expect(account, { settled: 30 });
  });

  renewalExpiryCases(options, take);
}

type Take = (
  trial: LedgerCase,
  ttlMs: number,
) => Promise<{ account: Parameters<LedgerCase["balance"]>[0]; id: string; expiresAtMs: number }>;

/** What holds for them as the store's own clock passes. */
function renewalExpiryCases(options: LedgerContractOptions, take: Take): void {
  const { passTime } = options;
  if (passTime === undefined) return;

  ledgerCase(options, "a lease that was prolonged outlives its first expiry", async (trial) => {
    const { account, id } = await take(trial, SHORT_MS);
    await renew(trial, id, { ttlMs: LONG_MS });
    await passTime(1.2 * SHORT_MS);
    await trial.expect(account, { leased: 50 });
    assert.equal((await trial.giveBack(id, { revision: 2, settled: 40 })).applied, true);
    await trial.expect(account, { settled: 40 });
  });

  ledgerCase(options, "a lease that has expired is not prolonged any more", async (trial) => {
    const { account, id, expiresAtMs } = await take(trial, SHORT_MS);
    await passTime(1.2 * SHORT_MS);
    const late = await trial.giveBack(id, { settled: 10, kept: 50, ttlMs: LONG_MS });
    assert.ok((late.expiresAtMs ?? 0) <= expiresAtMs, "it may not be spent from");
    assert.equal(late.applied, true);
    await trial.expect(account, { settled: 10, unknown: 50 });
    const last = await trial.giveBack(id, { revision: 2, settled: 35 });
    assert.equal(last.spentBefore, 60);
    await trial.expect(account, { settled: 35 });
    assert.equal((await trial.giveBack(id, { revision: 2, settled: 35 })).applied, false);
  });
}
