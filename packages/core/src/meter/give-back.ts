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
    if (isPromise(released)) released.then(() => guard.heldQueue.changed()).catch(failed);
    else guard.heldQueue.changed();
  } catch {
    failed();
  }
}

/** Other attempts may share the reservation. */
export function onceOf(call: GuardedCall): { readonly once?: true } {
  return call.ledgerId === call.id ? {} : { once: true };
}
