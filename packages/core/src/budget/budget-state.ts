import { SecondChanceMap } from "../bounded/second-chance-map.ts";
import { ledgerPrefix } from "./account-key.ts";
import type { Budget } from "./budget.ts";
import { BudgetAccount } from "./budget-account.ts";
import { type Steering, steeringOf } from "./steering.ts";
import { createWindowClock, type ResolvedWindow, type WindowClock } from "./window.ts";

/**
 * Handles kept for each budget; the ledger keeps the balances, so that losing one costs a look-up.
 */
const MAX_HANDLES = 20_000;

/** Accounts that are only looked up count against nobody's cap. */
const NO_ORG = "(none)";

/** A budget at work: its current limit, its window, and handles to its accounts. */
export class BudgetState {
  readonly budget: Budget;
  limit: number;
  /** Number of the line of the kill log that the limit is from; 0 for the configured one. */
  limitVersion = 0;
  /** What must be spent to cross each threshold of the limit. */
  marks: readonly number[];
  /** The lowest of them. */
  firstMark: number;
  /** What its thresholds do to later calls; undefined for most budgets. */
  readonly steering: Steering | undefined;
  /** What the ledger's keys of its accounts begin with. */
  readonly ledgerPrefix: string;
  readonly #clock: WindowClock;
  readonly #accounts = new SecondChanceMap<string, BudgetAccount>(MAX_HANDLES);
  /** The account of all its calls in the window that is open; undefined where it is split. */
  single: BudgetAccount | undefined;

  constructor(budget: Budget) {
    this.budget = budget;
    this.limit = budget.limit;
    this.ledgerPrefix = ledgerPrefix(budget.id);
    this.marks = marksOf(budget, budget.limit);
    this.firstMark = lowestOf(this.marks);
    this.steering = steeringOf(budget);
    this.#clock = this.#newClock();
  }

  get id(): string {
    return this.budget.id;
  }

  /**
   * The account for a dimension key in the window of an instant; `*` when there is no dimension.
   */
  account(key: string, org: string, nowMs: number): BudgetAccount {
    const window = this.#clock.at(nowMs);
    const known = this.known(key);
    if (known?.ref.windowKey === window.windowKey) return known;
    const account = this.#open(key, org, window);
    if (key === "*") this.single = account;
    else {
      this.#accounts.delete(key);
      this.#accounts.add(key, account);
    }
    return account;
  }

  /** The account of a key that was used last, if it still has a handle. */
  known(key: string): BudgetAccount | undefined {
    return key === "*" ? this.single : this.#accounts.get(key);
  }

  /** An account in the window of any instant, also one that is over. */
  accountAt(key: string, atMs: number): BudgetAccount {
    return this.#open(key, NO_ORG, this.#newClock().at(atMs));
  }

  /** Every account with a handle, brought to the window of an instant. */
  accounts(nowMs: number): BudgetAccount[] {
    const known = [...(this.single === undefined ? [] : [this.single]), ...this.#accounts.values()];
    return known.map((found) => this.account(found.key, found.ref.org, nowMs));
  }

  /** Takes a new limit, for calls that wait or are in flight as well. */
  setLimit(limit: number, version: number): void {
    this.limit = limit;
    this.marks = marksOf(this.budget, limit);
    this.firstMark = lowestOf(this.marks);
    this.limitVersion = version;
    this.single?.setLimit(limit, this.limitVersion);
    for (const account of this.#accounts.values()) account.setLimit(limit, this.limitVersion);
  }

  #newClock(): WindowClock {
    return createWindowClock(this.budget.window, this.budget.unit);
  }

  #open(key: string, org: string, window: ResolvedWindow): BudgetAccount {
    const { kind } = this.budget.window;
    return new BudgetAccount(this, key, {
      key: this.ledgerPrefix + key,
      windowKey: window.windowKey,
      window: window.window,
      unit: this.budget.unit,
      limit: this.limit,
      limitVersion: this.limitVersion,
      org,
      ephemeral: kind === "task" || kind === "session",
      onStoreOutage: this.budget.onStoreOutage,
    });
  }
}

function lowestOf(marks: readonly number[]): number {
  return Math.min(...marks); // infinite without any
}

/** Rounded up to what can be spent, after the noise beyond 15 digits is gone: 0.55 × 100 is 55. */
export function marksOf({ thresholds }: Budget, limit: number): readonly number[] {
  return thresholds.map(({ fraction }) => Math.ceil(Number((fraction * limit).toPrecision(15))));
}
