import type { BudgetAccount } from "../budget/budget-account.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { isPromise } from "../ports/maybe-promise.ts";

/** Gives a reservation back that no call will use. Never throws. */
export function giveBack(call: GuardedCall, guard: GuardRuntime): void {
  if (!call.reserved) return;
  call.reserved = false;
  const failed = (): void => {
    guard.counters.settlementErrors++;
  };
  try {
    const released = guard.ledger.settle([
      { id: call.ledgerId, as: "released", amounts: [], ...onceOf(call) },
    ]);
    const freed = (): void => guard.heldQueue.freed(accountsOf(call));
    if (isPromise(released)) released.then(freed).catch(failed);
    else freed();
  } catch {
    failed();
  }
}

/** What its reservation is held on. */
export function accountsOf({ plan }: GuardedCall): readonly BudgetAccount[] {
  return plan?.accounts ?? NONE;
}

const NONE: readonly BudgetAccount[] = [];

/** Other attempts may share the reservation. */
export function onceOf(call: GuardedCall): { readonly once?: true } {
  return call.ledgerId === call.id ? {} : { once: true };
}
