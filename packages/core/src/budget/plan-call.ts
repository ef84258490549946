import type { GuardedCall } from "../call/guarded-call.ts";
import { unitBoundsOf } from "../call/unit-bounds.ts";
import type { Usage } from "../call/usage.ts";
import { optionError } from "../config/option-error.ts";
import { checkTokens } from "../guard/check-estimate.ts";
import type { CheckedOptions } from "../guard/check-options.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { Charge } from "../meter/charge.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { budgetRefusal } from "./budget-refusal.ts";
import type { Coverage } from "./coverage.ts";
import { compileGlob } from "./glob.ts";
import {
  affordableOutput,
  amountFor,
  type Pricing,
  type ReservationPlan,
} from "./reservation-plan.ts";

const NANO_PER_DOLLAR = 1e9;

const UNPRICED: Pricing = Object.freeze({ kind: "unpriced" });

/** A plan while it is made: one object a call. */
type Draft = { -readonly [K in keyof ReservationPlan]: ReservationPlan[K] };

/** Works out what a call may cost at most and on which accounts, or why it cannot be bounded. */
export function planCall(call: GuardedCall, guard: GuardRuntime): ReservationPlan | Refusal {
  const coverage = guard.resolver.covering(call.target, call.frame);
  const pricing = priceOf(call, guard, coverage);
  if ("code" in pricing) return pricing;
  const isModel = call.kind === "model";
  const bounded = isModel && coverage.needsBound;
  const counts = ({ unit }: { readonly unit: BudgetUnit }): boolean =>
    unit === "calls" || (unit === "usd" && pricing.kind === "flat");
  const plan: Draft = {
    pricing,
    inputTokens: bounded ? inputBound(call, guard.options) : 0,
    units: isModel ? unitBoundsOf(call.request.estimate) : undefined,
    accounts: isModel ? call.accounts() : call.accounts().filter(counts),
    callBudgets: isModel
      ? coverage.callBudgets
      : coverage.callBudgets.filter(({ budget }) => counts(budget)),
    minOutputTokens: 0,
    maxOutputTokens: 0,
    chosen: false,
  };
  const unbounded = bounded ? boundOutput(call, guard, plan) : undefined;
  const refusal = unbounded ?? withinCallBudgets(plan);
  if (refusal !== undefined) return refusal;
  // The money is held once for all attempts: each may use as much as the first that held it.
  if (call.request.idempotencyKey !== undefined) plan.minOutputTokens = plan.maxOutputTokens;
  return plan;
}

function priceOf(call: GuardedCall, guard: GuardRuntime, coverage: Coverage): Pricing | Refusal {
  if (call.kind === "tool") return toolPrice(call.request.estimate?.usd);
  if (call.target.pricing !== undefined) return call.target.pricing;
  const substitute = substituteFor(call, guard);
  if (substitute !== undefined) return substitute;
  if (!coverage.hasMoney) return UNPRICED;
  const others = coverage.budgets.some(({ budget }) => budget.unit !== "usd");
  const bounded = guard.options.onUnknownPrice === "tokens-only" && others;
  return bounded ? UNPRICED : unknownPriceRefusal(call, guard);
}

/**
 * A tool's price is the sum of somebody's floats: rounded up to whole nano-dollars, after the noise
 * beyond 15 digits is gone, so that 0.1 + 0.2 is $0.30.
 */
function toolPrice(usd: number | undefined): Pricing {
  if (usd === undefined || usd === 0) return UNPRICED;
  const nanoUsd = typeof usd === "number" ? wholeNanoUsd(usd * NANO_PER_DOLLAR) : Number.NaN;
  if (nanoUsd > 0 && Number.isSafeInteger(nanoUsd)) return { kind: "flat", nanoUsd };
  throw optionError("estimate.usd", usd, "an amount of dollars from 0 to 9,007,199");
}

function wholeNanoUsd(scaled: number): number {
  const rounded = Math.round(scaled);
  const isNoise = Math.abs(scaled - rounded) <= scaled * Number.EPSILON;
  return isNoise ? rounded : Math.ceil(Number(scaled.toPrecision(15)));
}

/** What `onUnknownPrice` puts in the place of a price. */
function substituteFor(call: GuardedCall, { options }: GuardRuntime): Pricing | undefined {
  const rule = options.onUnknownPrice;
  if (typeof rule === "object" && rule.allowFree.some((glob) => compileGlob(glob)(call.name))) {
    return { kind: "flat", nanoUsd: 0 };
  }
  if (rule !== "ceiling") return undefined;
  const card = options.prices?.dearest(call.provider ?? "", options.clock.wallMs());
  return card === undefined ? undefined : { kind: "card", card };
}

function unknownPriceRefusal(call: GuardedCall, { options }: GuardRuntime): Refusal {
  const { name, provider = "unknown" } = call;
  const remedy =
    options.prices === undefined
      ? "This guard knows no prices: use createGuard of burnrate, or hand in prices: createPriceBook() of @burnrate/pricing"
      : `Hand it in with prices: createPriceBook({ overrides: { "${call.provider ?? "provider"}/${name}": { inputPerMillionUsd: …, outputPerMillionUsd: … } } })`;
  const otherwise =
    options.onUnknownPrice === "tokens-only"
      ? 'or add a budget of tokens or calls that covers it: "tokens-only" leaves it to those, and there is none'
      : "or choose onUnknownPrice";
  return {
    code: "BR2002",
    message: `the price of model "${name}" (provider "${provider}") is not known, and a money budget applies. ${remedy}, ${otherwise}.`,
    scope: `model:${call.name}`,
    details: { provider: call.provider, model: call.name, priceVersion: options.prices?.version },
  };
}

/**
 * What a call may use at most where no budget needed to know: for the record of a call whose usage
 * nobody reported. Never throws.
 */
export function worstCaseOf(call: GuardedCall, options: CheckedOptions): Usage {
  const { maxOutputTokens: stated, addedOutputTokens: added = 0 } = call.request.estimate ?? {};
  const pricing = call.plan?.pricing;
  const outputTokens =
    stated === undefined ? mostOutput(pricing, options, added) : withAdded(pricing, stated, added);
  try {
    return { inputTokens: inputBound(call, options), outputTokens };
  } catch {
    return { inputTokens: 0, outputTokens };
  }
}

function inputBound(call: GuardedCall, options: CheckedOptions): number {
  const stated = call.request.estimate?.inputTokens;
  if (stated !== undefined) return checkTokens("estimate.inputTokens", stated);
  if (options.prices !== undefined) {
    const estimated = Math.ceil(options.prices.estimateInputTokens(call.input, call.target.card));
    if (estimated >= 0) return estimated;
    throw new RangeError("the price book estimated less than no tokens"); // or what is no number
  }
  return call.input === undefined ? 0 : byteLength(call.input);
}

/** Tells the price book what its estimate should have been. Never throws: the money is counted. */
export function observeInput(
  call: GuardedCall,
  { prices }: CheckedOptions,
  { outcome, source, anomaly, usage }: Charge,
): void {
  if (prices?.observe === undefined || outcome !== "success" || source !== "provider") return;
  const estimated = call.plan?.inputTokens ?? 0;
  const { card } = call.target;
  if (card === undefined || anomaly !== undefined || estimated === 0) return;
  if (call.request.estimate?.inputTokens !== undefined) return;
  try {
    prices.observe(card, estimated, usage.inputTokens);
  } catch {
    // A price book that cannot learn still has its prices.
  }
}

/** Without a price book: one token a byte is a bound for every byte-level tokenizer. */
function byteLength(input: unknown): number {
  if (typeof input === "string") return Buffer.byteLength(input);
  try {
    return Buffer.byteLength(JSON.stringify(input) ?? "");
  } catch {
    throw optionError(
      "request.input",
      input,
      "what JSON can write, or come with estimate.inputTokens",
    );
  }
}

/** The model's own maximum, or the default where it is not known, and what is added to that. */
function mostOutput(
  pricing: Pricing | undefined,
  { reservation }: Pick<CheckedOptions, "reservation">,
  added: number,
): number {
  return Math.min(knownOutput(pricing), reservation.defaultMaxOutputTokens + added);
}

/** A stated limit, and what is added to that: no more than the model can, as far as that is known. */
function withAdded(pricing: Pricing | undefined, stated: number, added: number): number {
  return Math.max(stated, Math.min(stated + added, knownOutput(pricing)));
}

/** No call has more output than can be counted. */
function knownOutput(pricing: Pricing | undefined): number {
  const known = pricing?.kind === "card" ? pricing.card.maxOutputTokens : undefined;
  return known ?? Number.MAX_SAFE_INTEGER;
}

/** Sets the least and the most output of a plan; or says why it has no bound. */
function boundOutput(
  call: GuardedCall,
  { options }: GuardRuntime,
  plan: Draft,
): Refusal | undefined {
  const { maxOutputTokens: stated, addedOutputTokens: added = 0 } = call.request.estimate ?? {};
  if (stated !== undefined) {
    const tokens = withAdded(plan.pricing, stated, added);
    plan.minOutputTokens = tokens;
    plan.maxOutputTokens = tokens;
    return undefined;
  }
  if (call.request.bound === "assumed" && options.onUnboundedOutput === "refuse") {
    return unboundedRefusal(call);
  }
  plan.maxOutputTokens = mostOutput(plan.pricing, options, added);
  const least = options.reservation.minOutputTokens + added;
  plan.minOutputTokens = Math.min(least, plan.maxOutputTokens);
  plan.chosen = true;
  return undefined;
}

/** Lowers a chosen bound to what budgets of a single call afford; refuses what is above them. */
function withinCallBudgets(plan: Draft): Refusal | undefined {
  if (plan.callBudgets.length === 0) return undefined;
  let { maxOutputTokens } = plan;
  for (const { budget, limit } of plan.callBudgets) {
    if (plan.chosen) {
      const affordable = affordableOutput(plan, budget.unit, limit);
      maxOutputTokens = Math.max(plan.minOutputTokens, Math.min(maxOutputTokens, affordable));
    }
  }
  for (const state of plan.callBudgets) {
    const requested = amountFor(plan, state.budget.unit, maxOutputTokens);
    if (requested > state.limit) return budgetRefusal(state, { key: "*", requested });
  }
  plan.maxOutputTokens = maxOutputTokens;
  return undefined;
}

function unboundedRefusal(call: GuardedCall): Refusal {
  return {
    code: "BR2001",
    message: `the output of "${call.name}" cannot be bounded by this hook, and onUnboundedOutput is "refuse". Set a maximum of output tokens on the model, or use a hook that can send one.`,
    scope: "output-bound",
  };
}
