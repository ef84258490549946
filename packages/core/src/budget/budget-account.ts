import type { Evictable } from "../bounded/second-chance-map.ts";
import type { AccountRef, Balance, BudgetUnit } from "../ledger/ledger.ts";
import { accountId } from "../ledger/memory-account.ts";
import type { Pacer } from "../pipeline/pacer.ts";
import type { BudgetState } from "./budget-state.ts";

/** One account of one budget in one window, as the guard uses it on the call path. */
export class BudgetAccount implements Evictable {
  touched = true;
  readonly budget: BudgetState;
  readonly unit: BudgetUnit;
  /** `*`, or `org=acme`. */
  readonly key: string;
  /** Replaced as a whole when the limit changes: calls in flight then see the new limit too. */
  ref: AccountRef;
  /** Account and window in one text: what kills of single accounts name. */
  readonly id: string;
  /** What is spent, as far as this process has heard; undefined until a budget that steers asks. */
  spent: number | undefined;
  /** When that was heard, on the monotonic clock. */
  heardMs = 0;
  /** Spreads its calls over the window, once a threshold has asked for it. */
  pacer: Pacer | undefined;
  /** What the store said when this process last heard of a change: spent, and unknown of it. */
  #heardSpent = 0;
  #heardUnknown = 0;

  constructor(budget: BudgetState, key: string, ref: AccountRef) {
    this.budget = budget;
    this.unit = ref.unit;
    this.key = key;
    this.ref = ref;
    this.id = accountId(ref);
  }

  /** Whether nothing happens at this figure: it is below every threshold and within the limit. */
  isQuietAt(spent: number): boolean {
    return spent < this.budget.firstMark && spent <= this.ref.limit;
  }

  /** Keeps what is spent up to date, where anybody wants to know. */
  hear(spent: number): void {
    if (this.spent !== undefined) this.spent = spent;
  }

  /**
   * From where a change is told. When a process dies, the store charges what it had leased, and
   * there is nobody to say what that crossed. So where more is unknown than this process has heard
   * of, it is told here: by two processes perhaps, but never by none. A process that begins has heard
   * of nothing.
   */
  toldFrom(spentBefore: number, balance: Balance): number {
    const { unknown } = balance;
    const heard = this.#heardSpent;
    const more = unknown - this.#heardUnknown;
    this.#heardSpent = spentOf(balance);
    this.#heardUnknown = unknown;
    return more <= 0 ? spentBefore : Math.min(spentBefore, Math.max(heard, spentBefore - more));
  }

  setLimit(limit: number, limitVersion: number): void {
    if (limit > this.ref.limit) this.pacer?.startAnew();
    this.ref = { ...this.ref, limit, limitVersion };
  }
}

/** What counts as spent for thresholds: the truth, and what must be assumed. */
export function spentOf(balance: Balance): number {
  return balance.settled + balance.unknown;
}

/** What may still be reserved. */
export function remainingOf(balance: Balance, limit: number): number {
  return Math.max(0, limit - balance.settled - balance.held - balance.leased - balance.unknown);
}
