import { formatUsd } from "../config/money.ts";
import type { AccountRef, Balance, BudgetUnit } from "../ledger/ledger.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { remainingOf } from "./budget-account.ts";
import type { BudgetState } from "./budget-state.ts";
import { sharedAccountRemedy } from "./none-remedy.ts";
import { resetsAtMs } from "./window.ts";

/** What was asked of which account. */
export interface BudgetClaim {
  readonly key: string;
  readonly requested: number;
  /** Default `model`. */
  readonly kind?: "model" | "tool";
  readonly ref?: AccountRef;
  readonly balance?: Balance;
  /** Whether it would fit if those in flight had held nothing, and does not wait for them. */
  readonly mayWait?: boolean;
}

const EMPTY: Balance = { settled: 0, held: 0, leased: 0, unknown: 0 };
/** A call that used less than it held makes room. */
const WAIT = 'createGuard({ onHeld: "wait" }) waits for that.';

/** Says which limit, how much is used, how much the call may cost, and how to change it. */
export function budgetRefusal(state: BudgetState, claim: BudgetClaim): Refusal {
  const { unit } = state.budget;
  const balance = claim.balance ?? EMPTY;
  const { settled, held, leased, unknown } = balance;
  const spent = settled + unknown;
  const remaining = remainingOf(balance, state.limit);
  const amount = (value: number): string => (unit === "usd" ? formatUsd(value) : `${value}`);
  const account = claim.key === "*" ? "" : ` (${claim.key})`;
  const resetsAt = claim.ref === undefined ? null : resetsAtMs(claim.ref.window);
  const resets = resetsAt === null ? "" : ` It resets at ${new Date(resetsAt).toISOString()}.`;
  const mayFit = claim.mayWait === true && unit !== "calls"; // a call that ends stays one
  const waits = mayFit ? ` There may be room once these have ended: ${WAIT}` : "";
  const shared = sharedAccountRemedy(claim.key, unit);
  const isBounded = claim.kind !== "tool" && unit !== "calls";
  const advice = isBounded ? ", or bound the call's output lower" : "";
  return {
    code: "BR2001",
    message: `budget "${state.id}"${account}: this call may take up to ${amount(claim.requested)} of ${formatAmount(unit, state.limit)}, of which ${amount(spent)} is spent and ${amount(held + leased)} held by calls in flight: ${amount(remaining)} left.${waits}${resets}${shared} Raise it with guard.setBudget("${state.id}", …)${advice}.`,
    scope: `budget:${state.id}`,
    details: {
      budget: state.id,
      key: claim.key,
      unit,
      limit: state.limit,
      settled,
      held,
      leased,
      unknown,
      requested: claim.requested,
      remaining,
      resetsAt,
    },
  };
}

/** An amount in words: `$0.50`, `1200 tokens`, `3 calls`. */
export function formatAmount(unit: BudgetUnit, value: number): string {
  return unit === "usd" ? formatUsd(value) : `${value} ${unit}`;
}
