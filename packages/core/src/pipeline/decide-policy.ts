import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { PolicyDecision } from "../ports/gate.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { Refusal } from "./refusal.ts";

/** Asks the policy. One that throws, or answers nonsense, refuses: policy fails closed. */
export function decidePolicy(
  call: GuardedCall,
  { options }: GuardRuntime,
): MaybePromise<Refusal | undefined> {
  if (options.policy === undefined) return undefined;
  try {
    const decision = options.policy.decide(call);
    if (isPromise(decision)) {
      return decision.then((later) => toRefusal(call, later)).catch(undecided);
    }
    return toRefusal(call, decision);
  } catch {
    return undecided();
  }
}

function toRefusal(call: GuardedCall, decision: PolicyDecision): Refusal | undefined {
  if (decision?.outcome === "allow") {
    call.allowedUntilMs = decision.validUntilMs ?? Number.POSITIVE_INFINITY;
    return undefined;
  }
  const rule = decision?.ruleId ?? "unnamed rule";
  return {
    code: "BR3001",
    message: `policy denied ${call.kind} "${call.name}" (${rule}${decision?.reason === undefined ? "" : `: ${decision.reason}`}). Change the policy, or do not make this call.`,
    scope: `policy:${rule}`,
    details: { outcome: String(decision?.outcome), ruleId: rule },
  };
}

function undecided(): Refusal {
  return {
    code: "BR3001",
    message: "the policy failed to decide, so the call is refused. Mend the policy.",
    scope: "policy",
  };
}
