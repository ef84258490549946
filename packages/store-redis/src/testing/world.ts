import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { AccountRef, Balance, Ledger, Reservation, Store } from "@burnrate/core";

const DEADLINE_MS = 15_000;

/** Waits for a condition, looking again and again; fails after a while. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const start = performance.now(); performance.now() - start < DEADLINE_MS; ) {
    if (await isSo()) return;
    await setTimeout(10);
  }
  throw new Error(`waited too long for ${what}`);
}

/** An account of all time. */
export function accountOf(limit: number, given: Partial<AccountRef> = {}): AccountRef {
  return {
    key: `test|${randomUUID()}`,
    windowKey: "total",
    window: { kind: "fixed", startsAtMs: -Infinity, endsAtMs: Infinity },
    unit: "usd",
    limit,
    limitVersion: 1,
    org: "acme",
    ephemeral: false,
    ...given,
  };
}

/** A reservation of one amount on one account. */
export function reservationOf(
  account: AccountRef,
  amount: number,
  given: Partial<Reservation> = {},
): Reservation {
  const common = { id: randomUUID(), expiresInMs: 600_000, atMs: Date.now() };
  return { ...common, accounts: [account], amounts: [amount], ...given };
}

/** Reserves what must fit; gives its id. */
export async function hold(
  ledger: Ledger,
  account: AccountRef,
  amount: number,
  given: Partial<Reservation> = {},
): Promise<string> {
  const request = reservationOf(account, amount, given);
  const { results } = await ledger.reserve([request]);
  if (results[0]?.kind !== "reserved") throw new Error(`${amount} did not fit`);
  return request.id;
}

/** The balance of one account. */
export async function balanceOf({ ledger }: Store, account: AccountRef): Promise<Balance> {
  const { results } = await ledger.balances([account]);
  const [balance] = results;
  if (balance === undefined) throw new Error("one answer for one question");
  return balance;
}
