import type { OutcomeClass } from "../call/outcome.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { RefusalCode } from "../pipeline/refusal.ts";
import type { SliOutcome } from "./sli.ts";

/**
 * How the end of a call counts for `call_success` (models) or `tool_call_success` (tools). What the
 * caller or we cut short says nothing about the provider, so it is excluded; an answer from a cache
 * served the agent, so it is good.
 */
export function classifyCall(outcome: OutcomeClass): SliOutcome {
  switch (outcome) {
    case "success":
    case "cached":
      return "good";
    case "aborted":
    case "abandoned":
    case "killed":
    case "refused":
    case "released":
    case "unknown":
      return "excluded";
    case "tool-error":
    case "rate-limited":
    case "server-error":
    case "client-error":
    case "connection-error":
    case "timeout":
    case "failed":
      return "bad";
  }
}

/**
 * Whether a call's latency is that of an answer. A cache's answer, an error or a cut says nothing
 * about how long the provider takes to answer.
 */
export function isAnswered(outcome: OutcomeClass): boolean {
  return outcome === "success" || outcome === "tool-error";
}

/**
 * How a refusal counts for `policy_compliance`: bad when policy or an approver said no (or did not
 * say yes in time); otherwise policy had no say, and it is excluded.
 */
export function classifyRefusal(code: RefusalCode): SliOutcome {
  return code === "BR3001" || code === "BR3002" || code === "BR3003" ? "bad" : "excluded";
}

/**
 * How a verdict counts for `eval:<name>`. An evaluator that errs, runs out of time or is unsure
 * never passes: it is bad when the evaluator is required, and tells nothing otherwise.
 */
export function classifyEvaluation(result: EvaluationResult): SliOutcome {
  if (result.status === "passed") return "good";
  return result.status === "failed" || result.required ? "bad" : "excluded";
}
