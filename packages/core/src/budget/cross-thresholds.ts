import { quote } from "../config/describe.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { newKillId } from "../kill/new-kill-id.ts";
import type { BudgetThreshold } from "./budget.ts";
import type { BudgetAccount } from "./budget-account.ts";
import { resetsAtMs } from "./window.ts";

/**
 * Where an account stood: what was spent, the limit, and what had to be spent for each threshold.
 */
export interface Standing {
  readonly spent: number;
  readonly limit: number;
  readonly marks: readonly number[];
}

/**
 * Raises what one change of an account crossed upwards: a settlement, or a new limit. It keeps
 * nothing in mind, so that of many guards on one store only the one that crossed a threshold says
 * so. Usually a few comparisons. `untoldFrom`: from where nobody may have told it before.
 */
export function crossThresholds(
  account: BudgetAccount,
  before: Standing,
  spent: number,
  guard: GuardRuntime,
  untoldFrom: number = before.spent,
): void {
  const { budget, key, ref } = account;
  const { thresholds, unit } = budget.budget;
  const { limit } = ref;
  const names = { budget: budget.id, key, unit, spent, limit };
  if (spent > limit && before.spent <= before.limit) guard.emitter.emit("budget-overshot", names);
  for (let index = 0; index < thresholds.length; index++) {
    const threshold = thresholds[index] as BudgetThreshold;
    if (spent < (budget.marks[index] as number)) return;
    if (untoldFrom >= (before.marks[index] as number)) continue;
    const { fraction } = threshold;
    guard.emitter.emit("budget-threshold-crossed", { ...names, fraction, do: threshold.do });
    if (threshold.do !== "kill") continue;
    // What a dead process had crossed may have been told: whoever revived the account knew of it.
    const isCertain = before.spent < (before.marks[index] as number);
    if (isCertain || !guard.killSwitch.wasKilled(account.id))
      killAccount(account, threshold, guard);
  }
}

/** What a settlement crossed, seen from what was spent before it. */
export function crossBySpending(
  account: BudgetAccount,
  spentBefore: number,
  spent: number,
  guard: GuardRuntime,
  untoldFrom: number = spentBefore,
): void {
  account.hear(spent);
  if (spent <= untoldFrom) return;
  const before = { spent: spentBefore, limit: account.ref.limit, marks: account.budget.marks };
  crossThresholds(account, before, spent, guard, untoldFrom);
}

function killAccount(
  account: BudgetAccount,
  threshold: BudgetThreshold,
  guard: GuardRuntime,
): void {
  const { killSwitch } = guard;
  if (killSwitch.coversAccount(account.id)) return;
  const { window } = account.ref;
  const atMs = Math.round(guard.nowMs());
  if (window.kind === "fixed" && window.endsAtMs <= atMs) return; // it has reset already
  const rollingEnd = window.kind === "rolling" ? atMs + window.lengthMs : undefined;
  const percent = Number((threshold.fraction * 100).toPrecision(15));
  const entry = {
    kind: "kill" as const,
    id: newKillId(guard),
    target: { budget: account.budget.id },
    account: account.id,
    level: "stop" as const,
    reason: `${percent} % of budget ${quote(account.budget.id)} (${quote(account.key)}) is spent`,
    by: "burnrate:threshold",
    atMs,
    expiresAtMs: rollingEnd ?? resetsAtMs(window) ?? undefined,
  };
  killSwitch.arm(entry);
  (async () => killSwitch.append(entry))().catch(() => guard.counters.settlementErrors++);
}
