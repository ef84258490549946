import type { Reservation } from "../ledger/ledger.ts";
import type { LeaseRefill } from "./lease-refill.ts";
import type { LocalAccount } from "./local-account.ts";
import type { LocalAccounts } from "./local-accounts.ts";

/** An account without enough of a lease. */
interface Lacking {
  readonly account: LocalAccount;
  readonly need: number;
}

/** Fetches what a reservation lacks; false when leases are of no use for it. */
export async function fetchLeases(
  request: Reservation,
  accounts: LocalAccounts,
  refill: LeaseRefill,
): Promise<boolean> {
  const lacking = lackingOf(request, accounts, refill);
  if (lacking === undefined) return false;
  try {
    await Promise.all(lacking.map(({ account, need }) => refill.refill(account, need)));
  } catch {
    // The store is down: what may be done then is for the caller to decide.
  }
  return true;
}

/** Undefined when leases are of no use for one of the accounts. */
function lackingOf(
  request: Reservation,
  accounts: LocalAccounts,
  refill: LeaseRefill,
): readonly Lacking[] | undefined {
  const lacking: Lacking[] = [];
  for (const [index, ref] of request.accounts.entries()) {
    const account = accounts.open(ref);
    if (account === undefined || refill.isExact(account)) return undefined;
    const need = request.amounts[index] as number;
    const isThere = [...account.leases].some((lease) => lease.open && lease.free >= need);
    if (!isThere) lacking.push({ account, need: Math.max(1, need) });
  }
  return lacking;
}
