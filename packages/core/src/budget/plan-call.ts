import type { GuardedCall } from "../call/guarded-call.ts";
import { usdToNano } from "../config/money.ts";
import { optionError } from "../config/option-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { budgetRefusal } from "./budget-refusal.ts";
import { compileGlob } from "./glob.ts";
import {
  affordableOutput,
  amountFor,
  type Pricing,
  type ReservationPlan,
} from "./reservation-plan.ts";

/** Works out what a call may cost at most and on which accounts, or why it cannot be bounded. */
export function planCall(call: GuardedCall, guard: GuardRuntime): ReservationPlan | Refusal {
  const covering = guard.resolver.covering(call.target, call.frame);
  const pricing = priceOf(
    call,
    guard,
    covering.some((state) => state.budget.unit === "usd"),
  );
  if ("code" in pricing) return pricing;
  const bounded = call.kind === "model" && covering.some((s) => s.budget.unit !== "calls");
  const counts = (unit: string): boolean =>
    call.kind === "model" || unit === "calls" || (unit === "usd" && pricing.kind === "flat");
  const plan = boundOutput(
    call,
    guard,
    {
      pricing,
      inputTokens: bounded ? inputBound(call, guard) : 0,
      accounts: call.accounts().filter((account) => counts(account.budget.budget.unit)),
      callBudgets: covering.filter((s) => s.budget.window.kind === "call" && counts(s.budget.unit)),
      minOutputTokens: 0,
      maxOutputTokens: 0,
      chosen: false,
    },
    bounded,
  );
  return "code" in plan ? plan : withinCallBudgets(plan);
}

function priceOf(call: GuardedCall, guard: GuardRuntime, money: boolean): Pricing | Refusal {
  if (call.kind === "tool") return flatPrice(call.request.estimate?.usd ?? 0);
  const { card } = call.target;
  if (card !== undefined) return { kind: "card", card };
  const substitute = substituteFor(call, guard);
  if (substitute !== undefined) return substitute;
  if (!money) return { kind: "unpriced" };
  const others = call.accounts().some((account) => account.budget.budget.unit !== "usd");
  const bounded = guard.options.onUnknownPrice === "tokens-only" && others;
  return bounded ? { kind: "unpriced" } : unknownPriceRefusal(call, guard);
}

function flatPrice(usd: number): Pricing {
  return usd === 0
    ? { kind: "unpriced" }
    : { kind: "flat", nanoUsd: usdToNano("estimate.usd", usd) };
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
  return {
    code: "BR2002",
    message: `the price of model "${call.name}" (provider "${call.provider ?? "unknown"}") is not known, and a money budget applies. Add it: createPriceBook({ overrides: { "${call.provider ?? "provider"}/${call.name}": { … } } }), or choose onUnknownPrice.`,
    scope: `model:${call.name}`,
    details: { provider: call.provider, model: call.name, priceVersion: options.prices?.version },
  };
}

function inputBound(call: GuardedCall, { options }: GuardRuntime): number {
  const stated = call.request.estimate?.inputTokens;
  if (stated !== undefined) return checkTokens("estimate.inputTokens", stated);
  if (options.prices !== undefined) return options.prices.estimateInputTokens(call.input);
  return call.input === undefined ? 0 : byteLength(call.input);
}

/** Without a price book: one token a byte is a bound for every byte-level tokenizer. */
function byteLength(input: unknown): number {
  const text = typeof input === "string" ? input : (JSON.stringify(input) ?? "");
  return Buffer.byteLength(text);
}

function boundOutput(
  call: GuardedCall,
  { options, counters }: GuardRuntime,
  plan: ReservationPlan,
  bounded: boolean,
): ReservationPlan | Refusal {
  if (!bounded) return plan;
  const stated = call.request.estimate?.maxOutputTokens;
  if (stated !== undefined) {
    const tokens = checkTokens("estimate.maxOutputTokens", stated);
    return { ...plan, minOutputTokens: tokens, maxOutputTokens: tokens };
  }
  if (call.request.bound === "assumed") {
    if (options.onUnboundedOutput === "refuse") return unboundedRefusal(call);
    counters.assumedBounds++;
  }
  const known = plan.pricing.kind === "card" ? plan.pricing.card.maxOutputTokens : undefined;
  const { defaultMaxOutputTokens, minOutputTokens } = options.reservation;
  const maxOutputTokens = Math.min(known ?? Number.POSITIVE_INFINITY, defaultMaxOutputTokens);
  return {
    ...plan,
    maxOutputTokens,
    minOutputTokens: Math.min(minOutputTokens, maxOutputTokens),
    chosen: true,
  };
}

function withinCallBudgets(plan: ReservationPlan): ReservationPlan | Refusal {
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
  return { ...plan, maxOutputTokens };
}

function unboundedRefusal(call: GuardedCall): Refusal {
  return {
    code: "BR2001",
    message: `the output of "${call.name}" cannot be bounded by this hook, and onUnboundedOutput is "refuse". Set a maximum of output tokens on the model, or use a hook that can send one.`,
    scope: "output-bound",
  };
}

function checkTokens(path: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw optionError(path, value, "a whole number of tokens, 0 or more");
}
