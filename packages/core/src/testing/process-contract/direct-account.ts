import type { AccountRef, Balance } from "../../ledger/ledger.ts";

/** Longer than any case. */
export const LONG_MS = 3_600_000;

/** An account of all time that no budget has: for reservations without a guard. */
export function accountOf(key: string, limit: number): AccountRef {
  return {
    key,
    windowKey: "total",
    window: {
      kind: "fixed",
      startsAtMs: Number.NEGATIVE_INFINITY,
      endsAtMs: Number.POSITIVE_INFINITY,
    },
    unit: "usd",
    limit,
    limitVersion: 1,
    org: "process-contract",
    ephemeral: false,
  };
}

/** All that an account has given away. */
export function totalOf({ settled, held, leased, unknown }: Balance): number {
  return settled + held + leased + unknown;
}
