import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Refusal } from "./refusal.ts";

/** Rate, concurrency and loop limits look; nothing is taken yet. */
export function lookAtLimits(call: GuardedCall, { options }: GuardRuntime): Refusal | undefined {
  return options.limits?.look(call, call.activeMs);
}

/** The circuit breaker looks; no probe is taken yet. */
export function lookAtBreaker(call: GuardedCall, { options }: GuardRuntime): Refusal | undefined {
  return options.breaker?.look(call, call.activeMs);
}
