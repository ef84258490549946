import type { BudgetAccount } from "../budget/budget-account.ts";
import { planCall } from "../budget/plan-call.ts";
import { amountFor, type ReservationPlan } from "../budget/reservation-plan.ts";
import { throttleDelayMs } from "../budget/steering.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { Pacer } from "./pacer.ts";
import type { Refusal } from "./refusal.ts";

/** An account that throttles, and what a call would take of it. */
export interface Paced {
  readonly account: BudgetAccount;
  readonly pacer: Pacer;
  /** The pacer's, as the call found it. */
  readonly round: number;
  readonly amount: number;
  readonly maxDelayMs: number;
  /** What remains ÷ the time that is left, upside down. Infinite where the window has no end. */
  readonly msPerUnit: number;
}

/** The accounts of a call that throttle; or why the call cannot be planned. */
export function pacedAccounts(call: GuardedCall, guard: GuardRuntime): readonly Paced[] | Refusal {
  if (!guard.resolver.steers) return [];
  if (!call.accounts().some((account) => delayOf(account) !== undefined)) return [];
  const plan = planCall(call, guard);
  if ("code" in plan) return plan;
  return plan.accounts.flatMap((account) => pacedBy(account, plan, guard) ?? []);
}

function pacedBy(
  account: BudgetAccount,
  plan: ReservationPlan,
  guard: GuardRuntime,
): Paced | undefined {
  const maxDelayMs = delayOf(account);
  const remaining = account.ref.limit - (account.spent ?? 0);
  if (maxDelayMs === undefined || remaining <= 0) return undefined; // the reservation refuses it
  account.pacer ??= new Pacer();
  return {
    account,
    maxDelayMs,
    pacer: account.pacer,
    round: account.pacer.round,
    amount: amountFor(plan, account.unit, plan.maxOutputTokens),
    msPerUnit: msLeft(account, guard.nowMs()) / remaining,
  };
}

/** How long a call may wait on an account that throttles. One that does not has no pace. */
function delayOf(account: BudgetAccount): number | undefined {
  const maxDelayMs = throttleDelayMs(account);
  if (maxDelayMs === undefined) account.pacer?.startAnew();
  return maxDelayMs;
}

/** Until the window resets; a rolling one gives back as much in its length as was spent in it. */
function msLeft({ ref: { window } }: BudgetAccount, nowMs: number): number {
  return window.kind === "rolling" ? window.lengthMs : Math.max(0, window.endsAtMs - nowMs);
}
