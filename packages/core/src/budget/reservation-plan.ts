import type { UnitBounds } from "../call/unit-bounds.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { RateCard } from "../ports/price-book.ts";
import type { BudgetAccount } from "./budget-account.ts";
import type { BudgetState } from "./budget-state.ts";

/**
 * How a call's money is known: by a rate card, by a flat price, by permission to be free, or not at
 * all.
 */
export type Pricing =
  | { readonly kind: "card"; readonly card: RateCard }
  | { readonly kind: "flat"; readonly nanoUsd: number }
  | { readonly kind: "unpriced" };

/** What a call may cost at most, in each unit, and where that is held. */
export interface ReservationPlan {
  readonly pricing: Pricing;
  readonly inputTokens: number;
  /** What it may use beside text, as far as the request says. */
  readonly units: UnitBounds | undefined;
  /** Where amounts are held; budgets of a single call are compared and need no account. */
  readonly accounts: readonly BudgetAccount[];
  readonly callBudgets: readonly BudgetState[];
  /** The least and the most that the output may be bounded to; equal when the request says it. */
  readonly minOutputTokens: number;
  readonly maxOutputTokens: number;
  /** Whether the guard chooses the output limit, so that the hook must send it. */
  readonly chosen: boolean;
}

/** The upper bound of one call in a unit. */
export function amountFor(plan: ReservationPlan, unit: BudgetUnit, outputTokens: number): number {
  if (unit === "calls") return 1;
  if (unit === "tokens") return plan.inputTokens + outputTokens;
  return ceilingOf(plan, outputTokens);
}

/** The most that a call can cost, in nano-dollars. */
export function ceilingOf(
  { pricing, inputTokens, units }: Pick<ReservationPlan, "pricing" | "inputTokens" | "units">,
  outputTokens: number,
): number {
  if (pricing.kind === "card") return pricing.card.ceiling(inputTokens, outputTokens, units);
  return pricing.kind === "flat" ? pricing.nanoUsd : 0;
}

/** The most output tokens that fit into what is left of a unit. */
export function affordableOutput(
  plan: ReservationPlan,
  unit: BudgetUnit,
  remaining: number,
): number {
  if (unit === "tokens") return remaining - plan.inputTokens;
  if (unit === "usd" && plan.pricing.kind === "card") {
    return plan.pricing.card.affordableOutputTokens(plan.inputTokens, remaining, plan.units);
  }
  return plan.maxOutputTokens;
}
