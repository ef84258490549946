import { type BudgetAccount, remainingOf, spentOf } from "../budget/budget-account.ts";
import type { BudgetState } from "../budget/budget-state.ts";
import type { AccountState, BudgetStatus, BudgetsOptions } from "../budget/budget-status.ts";
import { isThrottledAt } from "../budget/steering.ts";
import { resetsAtMs } from "../budget/window.ts";
import { checkBoolean, checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { inOwnWords } from "../errors/in-own-words.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { Balance } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/**
 * Every account's balance; budgets without a dimension are listed before their first call.
 * @throws {ConfigError} `BR9001` for a wrong option.
 */
export async function readBudgets(
  guard: GuardRuntime,
  options: BudgetsOptions = {},
): Promise<BudgetStatus[]> {
  const given = checkObject("budgets", options);
  refuseUnknownKeys("budgets", given, ["ephemeral"]);
  const withEphemeral = checkBoolean("budgets.ephemeral", given["ephemeral"] ?? true);
  const nowMs = guard.nowMs();
  const accounts = guard.resolver.budgets
    .flatMap((state) => accountsOf(state, nowMs))
    .filter(({ ref }) => withEphemeral || !ref.ephemeral);
  const results = await readBalances(guard, accounts, nowMs);
  const identity = guard.storeIdentity();
  const store = isPromise(identity) ? await identity : identity;
  return accounts.map((account, index) =>
    toStatus(guard, store, account, results[index] as Balance),
  );
}

/** @throws {StoreUnavailableError} `BR8001` when the store does not say. */
export async function readBalances(
  guard: GuardRuntime,
  accounts: readonly BudgetAccount[],
  nowMs: number,
): Promise<readonly Balance[]> {
  try {
    const refs = accounts.map((account) => account.ref);
    return (await guard.ledger.balances(refs, nowMs)).results;
  } catch (error) {
    throw new StoreUnavailableError({
      message: `the store did not say what is spent${inOwnWords(error)}. Mend the store.`,
      scope: "store",
    });
  }
}

function accountsOf(state: BudgetState, nowMs: number): readonly BudgetAccount[] {
  const { kind } = state.budget.window;
  if (state.budget.per === undefined && kind !== "task" && kind !== "session") {
    state.account("*", "(none)", nowMs);
  }
  return state.accounts(nowMs);
}

function toStatus(
  guard: GuardRuntime,
  store: string,
  account: BudgetAccount,
  balance: Balance,
): BudgetStatus {
  const { budget, key, ref } = account;
  const { settled, held, leased, unknown } = balance;
  return {
    id: budget.id,
    key,
    account: `${store} ${account.id}`,
    unit: ref.unit,
    limit: ref.limit,
    settled,
    held,
    leased,
    unknown,
    remaining: remainingOf(balance, ref.limit),
    resetsAt: resetsAtMs(ref.window),
    state: stateOf(guard, account, balance),
  };
}

function stateOf(guard: GuardRuntime, account: BudgetAccount, balance: Balance): AccountState {
  if (isKilled(guard, account)) return "killed";
  const spent = spentOf(balance);
  if (spent > account.ref.limit) return "over";
  if (spent === account.ref.limit) return "exhausted";
  return isThrottledAt(account, spent) ? "throttled" : "ok";
}

/** By a threshold of its own, or because somebody killed the whole budget. */
function isKilled({ killSwitch }: GuardRuntime, account: BudgetAccount): boolean {
  if (killSwitch.size === 0) return false;
  return killSwitch.coversAccount(account.id) || killSwitch.coversBudget(account.budget.id);
}
