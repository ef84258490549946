import type { BudgetAccount } from "../budget/budget-account.ts";
import { worstCaseOf } from "../budget/plan-call.ts";
import { ceilingOf } from "../budget/reservation-plan.ts";
import type { CallEnd } from "../call/call-end.ts";
import { checkUsage } from "../call/check-usage.ts";
import { classifyError } from "../call/classify-error.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { OutcomeClass } from "../call/outcome.ts";
import { withReservedUnits } from "../call/unit-bounds.ts";
import { NO_USAGE, type ReportedUsage, type UnitUsage, type Usage } from "../call/usage.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import type { CheckedOptions } from "../guard/check-options.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";

/** What a call is charged, and how sure that is. */
export interface Charge {
  readonly outcome: OutcomeClass;
  readonly usage: Usage;
  readonly source: "provider" | "estimated";
  readonly anomaly: string | undefined;
  /** Undefined when the price is not known. */
  readonly nanoUsd: number | undefined;
  /** What it counts for in budgets of calls: 0 when nothing was sent. */
  readonly calls: 0 | 1;
  /** Whether there is anything that the provider may bill. */
  readonly billed: boolean;
}

/** What `onMissingUsage: "observed"` adds to what was seen: a tenth, and at least this. */
const MIN_MARGIN_TOKENS = 64;
/** A stream that counts more than this is mistaken, and its count says nothing. */
const MAX_TOKENS = 1_000_000_000;

/** What a call ended with whether it had been sent or not; anything else was not the provider's. */
const UNSENT: ReadonlySet<OutcomeClass> = new Set(["aborted", "killed", "connection-error"]);

/** Decides what a call is charged, from how its hook ended it. */
export function chargeOf(call: GuardedCall, options: CheckedOptions, end: CallEnd): Charge {
  if (end.kind === "settle") {
    const { outcome, usage } = end;
    if (outcome === "cached") return nothing(outcome, 0);
    return byUsage(call, options, outcome === "tool-error" ? outcome : "success", usage);
  }
  const sent = call.state === "dispatched" || call.state === "unknown";
  if (end.kind === "release") {
    return sent ? byUsage(call, options, "abandoned", undefined) : nothing("released", 0);
  }
  const outcome = outcomeOf(call, end);
  const { usage } = end;
  if (!sent && usage === undefined) return nothing(UNSENT.has(outcome) ? outcome : "released", 0);
  if (usage === undefined && call.outputSeen === 0 && classifyError(end.error).unbilled) {
    return nothing(outcome, 1);
  }
  return byUsage(call, options, outcome, usage);
}

/** What the sweeper charges: the whole reservation when it may have been billed, else nothing. */
export function chargeOfExpired(call: GuardedCall, options: CheckedOptions): Charge {
  if (call.state === "begun") return nothing("released", 0);
  return call.kind === "tool"
    ? { ...toolCharge(call, "unknown"), source: "estimated" }
    : estimate(call, "unknown", boundOf(call, options), undefined);
}

function outcomeOf(call: GuardedCall, end: CallEnd & { readonly kind: "fail" }): OutcomeClass {
  if (call.kill !== undefined) return "killed";
  if (call.cutBy !== undefined) return "refused";
  const { signal } = call.request;
  if (signal?.aborted === true) return isTimeout(signal.reason) ? "timeout" : "aborted";
  if (end.abandoned === true) return "abandoned";
  // What a refusal inside of it says about a tool, or about a model, is nothing.
  if (findGuardError(end.error) !== undefined) return "refused";
  return classifyError(end.error).outcome;
}

/** `AbortSignal.timeout`: nobody changed their mind, the provider was too slow. */
function isTimeout(reason: unknown): boolean {
  try {
    return reason instanceof Error && reason.name === "TimeoutError";
  } catch {
    return false; // one that throws when it is read says nothing
  }
}

function nothing(outcome: OutcomeClass, calls: 0 | 1): Charge {
  const source = "provider";
  const anomaly = undefined;
  return { outcome, usage: NO_USAGE, source, anomaly, nanoUsd: 0, calls, billed: false };
}

function toolCharge(call: GuardedCall, outcome: OutcomeClass): Charge {
  return { ...nothing(outcome, 1), nanoUsd: call.reservedNanoUsd, billed: true };
}

function byUsage(
  call: GuardedCall,
  options: CheckedOptions,
  outcome: OutcomeClass,
  reported: ReportedUsage | undefined,
): Charge {
  if (call.kind === "tool") return toolCharge(call, outcome);
  if (reported === undefined || reported === null) {
    return byEstimate(call, options, outcome, undefined);
  }
  const checked = checkUsage(reported);
  if (checked.kind !== "usable") {
    if (checked.units !== undefined) return byUnits(call, options, outcome, checked.units);
    return byEstimate(call, options, outcome, checked.anomaly);
  }
  const { usage, anomaly } = checked;
  if (usage.outputTokens === 0 && call.outputSeen > 0 && !isOfUnits(usage)) {
    return byEstimate(call, options, outcome, "outputTokens is 0, and output was seen");
  }
  const nanoUsd = priceOf(call, usage);
  if (nanoUsd === "impossible") {
    return byEstimate(call, options, outcome, "the rate card gave no possible price");
  }
  return { outcome, usage, source: "provider", anomaly, nanoUsd, calls: 1, billed: true };
}

/**
 * Usage that counts no tokens: they are charged as reserved. That is an estimate, unless they are
 * known to cost nothing because the price is by what was counted.
 */
function byUnits(
  call: GuardedCall,
  options: CheckedOptions,
  outcome: OutcomeClass,
  units: UnitUsage,
): Charge {
  const { inputTokens, outputTokens } = boundOf(call, options);
  const usage = { ...units, inputTokens, outputTokens };
  const nanoUsd = priceOf(call, usage);
  if (nanoUsd === "impossible") {
    return byEstimate(call, options, outcome, "the rate card gave no possible price");
  }
  const ofUnits = priceOf(call, { ...units, inputTokens: 0, outputTokens: 0 });
  const source = nanoUsd !== undefined && ofUnits === nanoUsd ? "provider" : "estimated";
  return { outcome, usage, source, anomaly: undefined, nanoUsd, calls: 1, billed: true };
}

function byEstimate(
  call: GuardedCall,
  options: CheckedOptions,
  outcome: OutcomeClass,
  anomaly: string | undefined,
): Charge {
  const { inputTokens, outputTokens } = boundOf(call, options);
  const seen = call.outputSeen <= MAX_TOKENS ? Math.ceil(call.outputSeen) : 0;
  const margin = Math.max(MIN_MARGIN_TOKENS, Math.ceil(seen / 10));
  const output =
    options.onMissingUsage === "observed" ? Math.min(outputTokens, seen + margin) : outputTokens;
  return estimate(call, outcome, { inputTokens, outputTokens: Math.max(output, seen) }, anomaly);
}

/** What was reserved; where no budget needed a bound, what would have been. */
function boundOf(call: GuardedCall, options: CheckedOptions): Usage {
  const inputTokens = call.plan?.inputTokens ?? 0;
  if (inputTokens > 0 || call.bound > 0) return { inputTokens, outputTokens: call.bound };
  return worstCaseOf(call, options);
}

function estimate(
  call: GuardedCall,
  outcome: OutcomeClass,
  usage: Usage,
  anomaly: string | undefined,
): Charge {
  const { plan } = call;
  const priced = plan !== undefined && plan.pricing.kind !== "unpriced";
  const { inputTokens, outputTokens } = usage;
  const nanoUsd = priced ? ceilingOf({ ...plan, inputTokens }, outputTokens) : undefined;
  const used = withReservedUnits(usage, plan?.units);
  return { outcome, usage: used, source: "estimated", anomaly, nanoUsd, calls: 1, billed: true };
}

/** Speech and the like are billed by these, and need no tokens. */
function isOfUnits({ images, seconds, characters, searchUnits }: Usage): boolean {
  return (images ?? seconds ?? characters ?? searchUnits) !== undefined;
}

/** A price book is the application's: what it says is money only if it can be money. */
function priceOf(call: GuardedCall, usage: Usage): number | undefined | "impossible" {
  const pricing = call.plan?.pricing;
  if (pricing?.kind !== "card") return pricing?.kind === "flat" ? pricing.nanoUsd : undefined;
  try {
    const nanoUsd = pricing.card.cost(withReservedUnits(usage, call.plan?.units));
    return Number.isSafeInteger(nanoUsd) && nanoUsd >= 0 ? nanoUsd : "impossible";
  } catch {
    return "impossible";
  }
}

/** The charge in each account's unit. */
export function amountsOf(charge: Charge, accounts: readonly BudgetAccount[]): number[] {
  const { length } = accounts;
  const amounts = new Array<number>(length);
  for (let i = 0; i < length; i++) {
    amounts[i] = amountIn((accounts[i] as BudgetAccount).unit, charge);
  }
  return amounts;
}

function amountIn(unit: BudgetUnit, { usage, nanoUsd, calls }: Charge): number {
  if (unit === "usd") return nanoUsd ?? 0;
  return unit === "tokens" ? usage.inputTokens + usage.outputTokens : calls;
}
