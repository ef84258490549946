import type { BudgetAccount } from "../budget/budget-account.ts";
import { ceilingOf } from "../budget/reservation-plan.ts";
import { checkUsage } from "../call/check-usage.ts";
import { classifyError } from "../call/classify-error.ts";
import type { CallEnd, GuardedCall } from "../call/guarded-call.ts";
import type { OutcomeClass } from "../call/outcome.ts";
import { NO_USAGE, type Usage } from "../call/usage.ts";
import type { CheckedOptions } from "../guard/check-options.ts";

/** What a call is charged, and how sure that is. */
export interface Charge {
  readonly outcome: OutcomeClass;
  readonly usage: Usage;
  readonly source: "provider" | "estimated";
  readonly anomaly: string | undefined;
  /** Undefined when the price is not known. */
  readonly nanoUsd: number | undefined;
}

/** What `onMissingUsage: "observed"` adds to what was seen: a tenth, and at least this. */
const MIN_MARGIN_TOKENS = 64;

/** Decides what a call is charged, from how its hook ended it. */
export function chargeOf(call: GuardedCall, options: CheckedOptions, end: CallEnd): Charge {
  const sent = call.state === "dispatched" || call.state === "unknown" || end.kind === "settle";
  if (end.kind === "settle") {
    const outcome = end.result.outcome ?? "success";
    if (outcome === "cached") return nothing(outcome);
    return byUsage(call, options, outcome, end.result.usage);
  }
  if (end.kind === "release")
    return sent ? byUsage(call, options, "abandoned", undefined) : nothing("released");
  const outcome = outcomeOf(call, end);
  const { usage } = end.failure;
  if (!sent && usage === undefined) return nothing(outcome);
  if (usage === undefined && call.outputSeen === 0 && classifyError(end.error).unbilled) {
    return nothing(outcome);
  }
  return byUsage(call, options, outcome, usage);
}

function outcomeOf(call: GuardedCall, end: CallEnd & { readonly kind: "fail" }): OutcomeClass {
  if (call.kill !== undefined) return "killed";
  if (call.request.signal?.aborted === true) return "aborted";
  return end.failure.abandoned === true ? "abandoned" : classifyError(end.error).outcome;
}

function nothing(outcome: OutcomeClass): Charge {
  return { outcome, usage: NO_USAGE, source: "provider", anomaly: undefined, nanoUsd: 0 };
}

function byUsage(
  call: GuardedCall,
  options: CheckedOptions,
  outcome: OutcomeClass,
  usage: Usage | undefined,
): Charge {
  if (call.kind === "tool") return { ...nothing(outcome), nanoUsd: call.reservedNanoUsd };
  const checked = usage === undefined || usage === null ? undefined : checkUsage(usage);
  if (checked?.kind !== "usable") return byEstimate(call, options, outcome, checked?.anomaly);
  return {
    outcome,
    usage: checked.usage,
    source: "provider",
    anomaly: checked.anomaly,
    nanoUsd: priceOf(call, checked.usage),
  };
}

function byEstimate(
  call: GuardedCall,
  options: CheckedOptions,
  outcome: OutcomeClass,
  anomaly: string | undefined,
): Charge {
  const margin = Math.max(MIN_MARGIN_TOKENS, Math.ceil(call.outputSeen / 10));
  const outputTokens =
    options.onMissingUsage === "observed"
      ? Math.min(call.bound, call.outputSeen + margin)
      : Math.max(call.bound, call.outputSeen);
  const usage = { inputTokens: call.plan?.inputTokens ?? 0, outputTokens };
  const priced = call.plan === undefined || call.plan.pricing.kind === "unpriced";
  return {
    outcome,
    usage,
    source: "estimated",
    anomaly,
    nanoUsd: priced || call.plan === undefined ? undefined : ceilingOf(call.plan, outputTokens),
  };
}

function priceOf(call: GuardedCall, usage: Usage): number | undefined {
  const pricing = call.plan?.pricing;
  if (pricing?.kind === "card") return pricing.card.cost(usage);
  return pricing?.kind === "flat" ? pricing.nanoUsd : undefined;
}

/** The charge in each account's unit. */
export function amountsOf(charge: Charge, accounts: readonly BudgetAccount[]): number[] {
  const { outcome, usage, nanoUsd } = charge;
  const calls = outcome === "released" || outcome === "cached" ? 0 : 1;
  return accounts.map((account) => {
    const { unit } = account.budget.budget;
    if (unit === "usd") return nanoUsd ?? 0;
    return unit === "tokens" ? usage.inputTokens + usage.outputTokens : calls;
  });
}
