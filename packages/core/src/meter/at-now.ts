import type { BudgetAccount } from "../budget/budget-account.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Settlement } from "../ledger/ledger.ts";

/**
 * The end of a call, with the time of day where a window has moved on since the call was admitted:
 * what has left it by now must not cross a threshold, though nobody has used the account since.
 */
export function atNow(call: GuardedCall, guard: GuardRuntime, end: Settlement): Settlement {
  const accounts = call.plan?.accounts;
  if (accounts === undefined) return end;
  let nowMs: number | undefined;
  for (let index = 0; index < accounts.length; index++) {
    const { window } = (accounts[index] as BudgetAccount).ref;
    if (window.kind !== "rolling") continue;
    nowMs ??= timeOfDay(call, guard);
    const sliceThen = Math.floor(call.decidedAtMs / window.sliceMs);
    if (Math.floor(nowMs / window.sliceMs) > sliceThen) return { ...end, atMs: nowMs };
  }
  return end;
}

/** By how long the call took, which is known by now: a look at a clock less. */
function timeOfDay(call: GuardedCall, guard: GuardRuntime): number {
  if (call.endedMs === undefined) return guard.nowMs();
  return call.decidedAtMs + Math.max(0, call.endedMs - call.decidedMonotonicMs);
}
