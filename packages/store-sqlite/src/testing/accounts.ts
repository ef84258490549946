import type { AccountRef, Balance, Ledger, LedgerReply, Reservation } from "@burnrate/core";

/** An account of all time with a limit. */
export function accountOf(key: string, limit: number, given: Partial<AccountRef> = {}): AccountRef {
  const forever = { startsAtMs: Number.NEGATIVE_INFINITY, endsAtMs: Number.POSITIVE_INFINITY };
  return {
    key,
    windowKey: "total",
    window: { kind: "fixed", ...forever },
    unit: "usd",
    limit,
    limitVersion: 1,
    org: "test",
    ephemeral: false,
    ...given,
  };
}

/** A reservation on one account for an hour. */
export function reservationOf(
  id: string,
  account: AccountRef,
  amount: number,
  given: Partial<Reservation> = {},
): Reservation {
  const common = { expiresInMs: 3_600_000, atMs: 0 };
  return { id, accounts: [account], amounts: [amount], ...common, ...given };
}

/** What an account holds. */
export async function balanceOf(ledger: Ledger, account: AccountRef): Promise<Balance> {
  return only(await ledger.balances([account]));
}

/** The only result of a batch of one. */
export function only<T>({ results }: LedgerReply<T>): T {
  return results[0] as T;
}
