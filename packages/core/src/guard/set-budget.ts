import type { BudgetLimit } from "../budget/budget.ts";
import { spentOf } from "../budget/budget-account.ts";
import type { BudgetState } from "../budget/budget-state.ts";
import { crossThresholds, type Standing } from "../budget/cross-thresholds.ts";
import { checkLimit } from "../budget/parse-budget.ts";
import { checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { choiceError, optionError } from "../config/option-error.ts";
import { inOwnWords } from "../errors/in-own-words.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { checkReason } from "../kill/check-kill.ts";
import type { LimitLine } from "../kill/kill-switch.ts";
import { appendInTime } from "./append-in-time.ts";
import { audit, authorize } from "./authorize-change.ts";
import type { ChangeReason } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { readBalances } from "./read-budgets.ts";

/**
 * Changes a limit, in the log first, so that every process takes it and it survives a restart.
 * @throws {ConfigError} `BR9001` for an unknown budget or another unit.
 * @throws {StoreUnavailableError} `BR8001` when the log cannot take it; the limit stays.
 */
export async function setBudget(
  guard: GuardRuntime,
  id: string,
  change: { readonly limit: BudgetLimit },
  why: ChangeReason,
): Promise<void> {
  const { reason, by } = checkReason("setBudget", why);
  const state = budgetNamed(guard, "setBudget.id", id);
  const given = checkObject("setBudget.change", change, "an object such as { limit: { usd: 30 } }");
  refuseUnknownKeys("setBudget.change", given, ["limit"]);
  const { unit, limit } = checkLimit("setBudget.limit", given["limit"]);
  if (unit !== state.budget.unit) {
    throw choiceError("setBudget.limit", unit, [state.budget.unit]);
  }
  const action = { action: "set-budget" as const, target: id, unit, to: limit, reason, by };
  await authorize(guard, { ...action, from: state.limit });
  const { limit: from, marks } = state;
  await append(guard, state, { limit, reason, by });
  await lookAtThresholds(guard, state, { limit: from, marks });
  await audit(guard, { ...action, from });
}

async function append(
  guard: GuardRuntime,
  { budget }: BudgetState,
  change: { readonly limit: number; readonly reason: string; readonly by: string },
): Promise<void> {
  const { id, unit, limit: configured } = budget;
  const atMs = Math.round(guard.nowMs());
  try {
    const line = { kind: "limit" as const, id, unit, configured, atMs, ...change };
    guard.killSwitch.follow(await appendInTime(guard, line));
  } catch (error) {
    throw new StoreUnavailableError({
      message: `the store did not take the new limit${inOwnWords(error)}, so the old one stays (if it was taken all the same, every guard says so: "budget-changed"). Mend the store.`,
      scope: `budget:${id}`,
    });
  }
}

/**
 * Takes a limit from the log, whoever changed it. It counts as long as the configured limit is the
 * one that it replaced: whoever changes the configuration afterwards means that.
 */
export function applyLimit(guard: GuardRuntime, line: LimitLine): void {
  const state = guard.resolver.budgets.find(({ id }) => id === line.id);
  if (state === undefined || line.epoch <= state.limitVersion) return;
  const { budget, limit: from } = state;
  const counts = line.unit === budget.unit && line.configured === budget.limit;
  const to = counts ? line.limit : budget.limit;
  state.setLimit(to, line.epoch);
  if (to !== from) {
    const { unit, reason, by } = line;
    guard.emitter.emit("budget-changed", { budget: budget.id, unit, from, to, reason, by });
  }
  guard.heldQueue.changed();
  guard.pacedQueue.changed();
}

/** A lower limit may have crossed thresholds at once; a store that does not answer tells later. */
async function lookAtThresholds(
  guard: GuardRuntime,
  state: BudgetState,
  before: Omit<Standing, "spent">,
): Promise<void> {
  const nowMs = guard.nowMs();
  const accounts = state.accounts(nowMs);
  try {
    const balances = await readBalances(guard, accounts, nowMs);
    for (const [index, account] of accounts.entries()) {
      const balance = balances[index];
      if (balance === undefined) continue;
      const spent = spentOf(balance);
      crossThresholds(account, { ...before, spent }, spent, guard);
    }
  } catch {
    guard.counters.settlementErrors++;
  }
}

/** @throws {ConfigError} `BR9001` naming the nearest id. */
export function budgetNamed({ resolver }: GuardRuntime, path: string, id: string): BudgetState {
  const found = resolver.budgets.find((state) => state.id === id);
  if (found !== undefined) return found;
  const ids = resolver.budgets.map((state) => state.id);
  if (ids.length === 0) throw optionError(path, id, "a budget's id, and this guard has no budgets");
  throw choiceError(path, id, ids);
}
