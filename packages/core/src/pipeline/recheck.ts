import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Refusal } from "./refusal.ts";

/**
 * What may have changed while policy thought and money was fetched, or since the permit was handed
 * out: kills, and how long an allow lasts.
 */
export function recheck(call: GuardedCall, guard: GuardRuntime): Refusal | undefined {
  if (guard.killSwitch.version !== call.killVersion) {
    const refusal = checkKillSwitch(call, guard);
    if (refusal !== undefined) return refusal;
  }
  if (call.allowedUntilMs === Number.POSITIVE_INFINITY) return undefined;
  if (guard.options.clock.wallMs() < call.allowedUntilMs) return undefined;
  return {
    code: "BR3001",
    message: "the policy's permission ended before the call could be sent. Ask again.",
    scope: "policy",
  };
}
