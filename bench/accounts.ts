import type { AccountRef } from "burnrate";

const FOREVER = { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY } as const;

/** The names of the accounts on which each reservation holds money. */
export const ACCOUNTS = ["org", "agent", "task"] as const;

/** What each reservation holds and uses on each of them, in nano-dollars. */
export const AMOUNT = { reserved: 1_000, used: 700 } as const;

/** An account with room for every reservation of a bench. */
export function accountOf(key: string): AccountRef {
  const common = { windowKey: "total", window: FOREVER, unit: "usd", org: "bench" } as const;
  return { key, ...common, limit: 1e15, limitVersion: 0, ephemeral: false };
}
