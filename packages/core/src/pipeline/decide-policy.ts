import type { GuardedCall } from "../call/guarded-call.ts";
import { quote } from "../config/describe.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { PolicyDecision } from "../ports/gate.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { Refusal } from "./refusal.ts";

/** Asks the policy. One that throws, or answers nonsense, refuses: policy fails closed. */
export function decidePolicy(
  call: GuardedCall,
  guard: GuardRuntime,
): MaybePromise<Refusal | undefined> {
  const { policy } = guard.options;
  if (policy === undefined) return undefined;
  try {
    const decision = policy.decide(call);
    if (isPromise(decision)) {
      const decided = decision.then((later) => toRefusal(call, later)).catch(() => undecided());
      return guard.deciding.wait(decided, call, guard);
    }
    return toRefusal(call, decision);
  } catch {
    return undecided();
  }
}

function toRefusal(call: GuardedCall, decision: PolicyDecision): Refusal | undefined {
  const outcome: unknown = decision?.outcome; // of plain JavaScript, or of nothing at all
  if (outcome === "allow") {
    call.allowedUntilMs = decision.validUntilMs ?? Number.POSITIVE_INFINITY;
    return undefined;
  }
  if (typeof outcome !== "string") return undecided(NO_OUTCOME);
  const rule = decision.ruleId ?? "unnamed rule";
  const said = outcome === "deny" ? "" : `, outcome ${quote(outcome)}`;
  return {
    code: "BR3001",
    message: `policy denied ${call.kind} "${call.name}" (${rule}${said}${decision.reason === undefined ? "" : `: ${decision.reason}`}). Change the policy, or do not make this call.`,
    scope: `policy:${rule}`,
    details: { outcome, ruleId: rule },
  };
}

const NO_OUTCOME = 'answered without an outcome, such as { outcome: "allow" }';

/** What was thrown may hold what the call is about, so it is shown to nobody. */
function undecided(what = "failed to decide: look at what its decide throws"): Refusal {
  return {
    code: "BR3001",
    message: `the policy ${what}, so the call is refused. Mend the policy.`,
    scope: "policy",
  };
}
