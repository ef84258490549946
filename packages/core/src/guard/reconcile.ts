import { isAccountKey, keyPattern, SINGLE_KEY } from "../budget/account-key.ts";
import type { Budget, BudgetLimit } from "../budget/budget.ts";
import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import { checkLimit } from "../budget/parse-budget.ts";
import { checkArray, checkObject, checkString, refuseUnknownKeys } from "../config/check-object.ts";
import { choiceError, optionError } from "../config/option-error.ts";
import { inOwnWords } from "../errors/in-own-words.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { checkReason } from "../kill/check-kill.ts";
import type { Balance, CorrectionResult } from "../ledger/ledger.ts";
import type { ReconcileAction } from "../ports/authorize.ts";
import { audit, authorize } from "./authorize-change.ts";
import type { ChangeReason } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { budgetNamed } from "./set-budget.ts";

/** What the provider says was really spent on one account. */
export interface ReconciledRow {
  /** Id of the budget. */
  readonly budget: string;
  /** Which account of it, as `guard.budgets()` shows it; left out where there is only one. */
  readonly key?: string;
  /** Any instant in the window that is meant, which has begun (default: now). */
  readonly at?: Date | number;
  /**
   * What calls that have ended used: `{ usd }`, `{ tokens }` or `{ calls }`, 0 included. Dollars
   * finer than a nano-dollar are rounded up.
   */
  readonly spent: BudgetLimit;
}

/** What a row changed, in nano-dollars, tokens or calls. */
export interface ReconciledAccount {
  readonly budget: string;
  readonly key: string;
  readonly before: Balance;
  readonly after: Balance;
}

interface CheckedRow {
  readonly account: BudgetAccount;
  readonly settled: number;
}

const MAX_ROWS = 1_000;
/** The last instant that a `Date` can be. */
const MAX_DATE_MS = 8.64e15;
/** What lies before it is no window, but seconds where milliseconds were meant. */
const LONGEST_AGO_MS = 10 * 366 * 86_400_000;

/**
 * Takes the provider's figures for the truth: what is settled becomes what they say, and what was
 * charged because nobody knew becomes nothing. What calls in flight hold stays.
 * @throws {ConfigError} `BR9001` for a row that names no account with a window of its own, or one
 *   that another row names.
 * @throws {StoreUnavailableError} `BR8001` when the store does not take it.
 */
export async function reconcile(
  guard: GuardRuntime,
  rows: readonly ReconciledRow[],
  why: ChangeReason,
): Promise<ReconciledAccount[]> {
  const { reason, by } = checkReason("reconcile", why);
  const checked = checkArray("reconcile.rows", rows, MAX_ROWS).map((row, index) =>
    checkRow(guard, `reconcile.rows[${index}]`, row),
  );
  refuseRepeated(checked);
  const change = {
    action: "reconcile" as const,
    target: [...new Set(checked.map(({ account }) => account.budget.id))],
    rows: Object.freeze(checked.map(toldRow)),
    reason,
    by,
  };
  await authorize(guard, change);
  const results = await correct(guard, checked);
  const accounts = checked.map((row, index) =>
    tell(guard, row.account, results[index] as CorrectionResult, { reason, by }),
  );
  guard.heldQueue.changed();
  guard.pacedQueue.changed();
  await audit(guard, change);
  return accounts;
}

function checkRow(guard: GuardRuntime, path: string, row: unknown): CheckedRow {
  const given = checkObject(path, row);
  refuseUnknownKeys(path, given, ["budget", "key", "at", "spent"]);
  const state = budgetNamed(
    guard,
    `${path}.budget`,
    checkString(`${path}.budget`, given["budget"]),
  );
  const { unit, limit: settled } = checkLimit(`${path}.spent`, given["spent"], 0);
  if (unit !== state.budget.unit) throw choiceError(`${path}.spent`, unit, [state.budget.unit]);
  const { kind } = state.budget.window;
  if (kind === "rolling" || kind === "call") {
    throw optionError(`${path}.budget`, state.id, `a budget whose window is not "${kind}"`);
  }
  const key = checkKey(`${path}.key`, state.budget, given["key"] ?? SINGLE_KEY);
  const nowMs = guard.nowMs();
  const at = Number(given["at"] ?? nowMs);
  if (!(Math.abs(at) <= MAX_DATE_MS))
    throw optionError(`${path}.at`, given["at"], "a Date or epoch milliseconds");
  const account = state.accountAt(key, at);
  const isToCome = at > nowMs && account.id !== state.accountAt(key, nowMs).id;
  if (isToCome || at < nowMs - LONGEST_AGO_MS) {
    const expected =
      "a Date or epoch milliseconds (no seconds) of the last ten years, in a window that has begun";
    throw optionError(`${path}.at`, given["at"], expected);
  }
  return { account, settled };
}

/** Only the last one would count: a list of days or of models is added up first. */
function refuseRepeated(rows: readonly CheckedRow[]): void {
  const seen = new Map<string, number>();
  for (const [index, { account }] of rows.entries()) {
    const first = seen.get(account.id);
    if (first !== undefined) {
      const expected = `another account or window than that of rows[${first}]: one row says all that was spent there`;
      throw optionError(`reconcile.rows[${index}].budget`, account.budget.id, expected);
    }
    seen.set(account.id, index);
  }
}

/** Frozen: what `authorize` was asked is what the audit log hears. */
function toldRow({ account, settled }: CheckedRow): ReconcileAction["rows"][number] {
  const { budget, key, unit, ref } = account;
  return Object.freeze({ budget: budget.id, key, window: ref.windowKey, unit, spent: settled });
}

/** What is corrected on an account that no call has would be lost without a word. */
function checkKey(path: string, budget: Budget, given: unknown): string {
  const key = checkString(path, given, 2_000);
  if (isAccountKey(budget, key)) return key;
  throw optionError(path, key, `"${keyPattern(budget)}", as guard.budgets() shows it`);
}

async function correct(
  { ledger }: GuardRuntime,
  rows: readonly CheckedRow[],
): Promise<readonly CorrectionResult[]> {
  try {
    const batch = rows.map(({ account, settled }) => ({ account: account.ref, settled }));
    return (await ledger.correct(batch)).results;
  } catch (error) {
    throw new StoreUnavailableError({
      message: `the store did not take the provider's figures, or did not say so${inOwnWords(error)}. Mend the store, and try again.`,
      scope: "store",
    });
  }
}

function tell(
  guard: GuardRuntime,
  account: BudgetAccount,
  { before, after }: CorrectionResult,
  why: ChangeReason,
): ReconciledAccount {
  const { key, budget } = account;
  const { unit } = budget.budget;
  guard.emitter.emit("budget-reconciled", { budget: budget.id, key, unit, before, after, ...why });
  // The handle of later calls: what they hear is spent decides whether they are throttled.
  const known = budget.known(key);
  const inUse = known?.id === account.id ? known : account;
  if (spentOf(after) < spentOf(before)) inUse.pacer?.startAnew();
  crossBySpending(inUse, spentOf(before), spentOf(after), guard);
  return { budget: budget.id, key, before, after };
}
