import type { BudgetOptions } from "../../budget/budget.ts";
import type { BudgetStatus } from "../../budget/budget-status.ts";
import type { KillReceipt } from "../../kill/kill-options.ts";

/** What a worker makes its guard from. */
export interface WorkerSetup {
  readonly storeModule: string;
  readonly providerUrl: string;
  readonly budgets: readonly BudgetOptions[];
  readonly onHeld: "refuse" | "wait";
  /** How much later it is for this process, and for the store as it sees it. */
  readonly aheadMs: number;
  /** The folder of its journal, if it has one. */
  readonly journal?: string;
}

/** Calls of one size that a worker makes. */
export interface SpendOrder {
  /** Calls at most. */
  readonly calls: number;
  /** Calls at once. */
  readonly lanes: number;
  /** Output that a call reserves, and that it uses. */
  readonly reserved: number;
  readonly used: number;
  /** How long the provider thinks. */
  readonly thinksMs?: number;
  /** The code of a refusal after which a lane makes no more calls. */
  readonly until?: string;
  /** Joins a task of another process. */
  readonly task?: string;
}

/** What came of an order. */
export interface Spent {
  readonly admitted: number;
  /** Calls that were cut by a kill, or brought another error than a refusal. */
  readonly failed: number;
  /** Refusals by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Questions that reached the store meanwhile. */
  readonly questions: number;
}

/** A reservation that is made in the store itself, without a lease. */
export interface DirectReservation {
  readonly id: string;
  readonly key: string;
  readonly amount: number;
  readonly limit: number;
}

/** What a worker can be asked over its channel; everything is plain JSON. */
export interface WorkerCalls {
  open(setup: WorkerSetup): Promise<void>;
  spend(order: SpendOrder): Promise<Spent>;
  /** Opens a task and gives its id; it lasts until `endTask`. */
  openTask(): Promise<string>;
  endTask(): Promise<void>;
  kill(ackTimeoutMs: number): Promise<KillReceipt>;
  revive(killId: string): Promise<void>;
  setBudget(id: string, usd: number): Promise<void>;
  /** Says what the provider says that a budget has spent. */
  reconcile(budget: string, usd: number): Promise<void>;
  budgets(): Promise<BudgetStatus[]>;
  reserve(request: DirectReservation): Promise<string>;
  settle(id: string, amount: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A question on the channel. */
export interface Question {
  readonly number: number;
  readonly name: keyof WorkerCalls;
  readonly given: readonly unknown[];
}

/** Its answer. */
export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string };
