import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Ledger } from "./ledger.ts";

const users = new WeakMap<Ledger, number>();

/**
 * Counts one more guard on a ledger; what it gives counts it off and closes the ledger for the last
 * of them, so that a guard which ends takes the store from no other.
 */
export function shareLedger(ledger: Ledger): () => MaybePromise<void> {
  users.set(ledger, usersOf(ledger) + 1);
  return () => {
    users.set(ledger, usersOf(ledger) - 1);
    return usersOf(ledger) > 0 ? undefined : ledger.close();
  };
}

function usersOf(ledger: Ledger): number {
  return users.get(ledger) ?? 0;
}
