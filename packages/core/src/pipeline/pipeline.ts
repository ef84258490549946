import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import { acquire } from "./acquire.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import { decidePolicy } from "./decide-policy.ts";
import { lookAtBreaker, lookAtLimits } from "./look-at-gates.ts";
import { pace } from "./pace.ts";
import { recheck } from "./recheck.ts";
import type { Refusal } from "./refusal.ts";

/** One step in the life of a call: a refusal ends it, nothing lets it go on. */
export type Stage = (call: GuardedCall, guard: GuardRuntime) => MaybePromise<Refusal | undefined>;

/**
 * The order of decisions. Context comes before (a call is opened in it); dispatch, metering and
 * evaluation after. Everything that can be held is acquired in one step, after policy, so that
 * nothing is held while a human thinks.
 */
const ORDER: readonly Stage[] = [
  checkKillSwitch,
  lookAtLimits,
  lookAtBreaker,
  decidePolicy,
  pace,
  acquire,
  recheck,
];

/** Runs a call through the order; in memory without an extra turn of the event loop. */
export function admit(
  call: GuardedCall,
  guard: GuardRuntime,
  from = 0,
): MaybePromise<Refusal | undefined> {
  for (let index = from; index < ORDER.length; index++) {
    const verdict = (ORDER[index] as Stage)(call, guard);
    if (isPromise(verdict)) return verdict.then((later) => later ?? goOn(call, guard, index + 1));
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** The caller may have gone while a step waited: then nothing more is taken for the call. */
function goOn(
  call: GuardedCall,
  guard: GuardRuntime,
  from: number,
): MaybePromise<Refusal | undefined> {
  if (call.state === "ended") return undefined;
  call.waited();
  return admit(call, guard, from);
}
