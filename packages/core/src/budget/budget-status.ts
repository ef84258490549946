import type { BudgetUnit } from "../ledger/ledger.ts";

/**
 * Where an account stands. `throttled`: a threshold spreads its calls over the window. `over`: real
 * usage exceeded the limit; new work is refused.
 */
export type AccountState = "ok" | "throttled" | "exhausted" | "over" | "killed";

/** Options of `guard.budgets`. */
export interface BudgetsOptions {
  /**
   * `false` leaves out the accounts of tasks and sessions, of which there may be thousands that are
   * over (default true).
   */
  readonly ephemeral?: boolean;
}

/** One account of one budget, in its current window. Money is in nano-dollars. */
export interface BudgetStatus {
  /** The budget's id. */
  readonly id: string;
  /** Which account of it: `*`, or `org=acme` for budgets with a dimension. */
  readonly key: string;
  /**
   * Names this balance: guards that share a store, in any process, show one balance under one text.
   */
  readonly account: string;
  /** What its amounts count: nano-dollars under `usd`, tokens or calls. */
  readonly unit: BudgetUnit;
  /** What it may spend in a window, as it is now. */
  readonly limit: number;
  /** What calls that have ended cost. */
  readonly settled: number;
  /** Reserved by calls in flight. */
  readonly held: number;
  /** Handed to processes that have not told yet what they spent of it. */
  readonly leased: number;
  /** Charged because nobody knows how a call ended; a late end or `guard.reconcile` corrects it. */
  readonly unknown: number;
  /** What is left of the limit; 0 also when the account is over it. */
  readonly remaining: number;
  /** Epoch milliseconds; null for windows that do not reset at one instant. */
  readonly resetsAt: number | null;
  /** Whether calls of it pass: `ok` and, at its pace, `throttled`. */
  readonly state: AccountState;
}
