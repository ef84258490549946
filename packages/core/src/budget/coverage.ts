import type { BudgetAccount } from "./budget-account.ts";
import type { BudgetState } from "./budget-state.ts";

/** The budgets that cover a call, and what follows from them: found once a target, not once a call. */
export class Coverage {
  readonly budgets: readonly BudgetState[];
  /** Budgets of a single call: compared, never held. */
  readonly callBudgets: readonly BudgetState[];
  /** Whether the price must be known. */
  readonly hasMoney: boolean;
  /** Whether a model's tokens must be bounded. */
  readonly needsBound: boolean;

  /** Whether all calls spend from the same accounts, whoever makes them. */
  readonly isShared: boolean;
  /** Those accounts, until the first of their windows ends. */
  #shared: readonly BudgetAccount[] | undefined;
  #sharedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(budgets: readonly BudgetState[]) {
    this.budgets = budgets;
    this.callBudgets = budgets.filter(({ budget }) => budget.window.kind === "call");
    this.hasMoney = budgets.some(({ budget }) => budget.unit === "usd");
    this.needsBound = budgets.some(({ budget }) => budget.unit !== "calls");
    this.isShared = budgets.every((state) => !isSplit(state));
  }

  /** The accounts that all calls share, as they were found for an earlier one. */
  sharedAt(nowMs: number): readonly BudgetAccount[] | undefined {
    return nowMs < this.#sharedUntilMs ? this.#shared : undefined;
  }

  share(accounts: readonly BudgetAccount[]): void {
    this.#shared = accounts;
    this.#sharedUntilMs = Math.min(...accounts.map(endsAtMs));
  }
}

/** Whether a budget has an account for each of something. */
export function isSplit({ budget: { per, window } }: BudgetState): boolean {
  return per !== undefined || window.kind === "task" || window.kind === "session";
}

function endsAtMs({ ref: { window } }: BudgetAccount): number {
  return window.kind === "fixed" ? window.endsAtMs : Number.POSITIVE_INFINITY;
}
