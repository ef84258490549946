import type { KillLevel, KillTarget } from "../kill/kill-scope.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { MaybePromise } from "./maybe-promise.ts";

interface Change {
  readonly reason: string;
  readonly by: string;
}

/** Somebody pulls the kill switch. */
export interface KillAction extends Change {
  readonly action: "kill";
  readonly target: KillTarget;
  readonly killId: string;
  readonly level: KillLevel;
  readonly ttlMs?: number;
}

/** Somebody takes a kill back. */
export interface ReviveAction extends Change {
  readonly action: "revive";
  /** The kill's id. */
  readonly target: string;
  readonly killId: string;
  /** What the kill covers. */
  readonly killTarget: KillTarget;
  readonly level: KillLevel;
}

/** Somebody changes a limit: whole nano-dollars, tokens or calls. */
export interface SetBudgetAction extends Change {
  readonly action: "set-budget";
  /** The budget's id. */
  readonly target: string;
  readonly unit: BudgetUnit;
  readonly from: number;
  readonly to: number;
}

/** Somebody takes the provider's figures for the truth. */
export interface ReconcileAction extends Change {
  readonly action: "reconcile";
  /** Ids of the budgets. */
  readonly target: readonly string[];
  /** What each account is to have spent: a smaller figure gives money back, as a raised limit does. */
  readonly rows: readonly {
    readonly budget: string;
    readonly key: string;
    /** Which window: `2026-11-21`. */
    readonly window: string;
    readonly unit: BudgetUnit;
    /** Whole nano-dollars, tokens or calls. */
    readonly spent: number;
  }[];
}

/** Somebody opens or closes circuits, whatever their calls say. */
export interface ForceCircuitAction extends Change {
  readonly action: "force-open" | "force-close";
  /** A circuit's key, or a glob of keys. */
  readonly target: string;
  readonly ttlMs: number;
}

/** Somebody takes that back, and has circuits begin anew. */
export interface ResetCircuitAction extends Change {
  readonly action: "reset-circuit";
  readonly target: string;
  /** Whether only what `by` forced of it is taken back, and what others forced counts again. */
  readonly isOwn: boolean;
}

/** Somebody has another model called for what a target covers, or takes that back. */
export interface DowngradeAction extends Change {
  readonly action: "downgrade" | "revoke-downgrade";
  readonly target: KillTarget;
  /** Of the other model, in the hooks' `models` option. */
  readonly key: string;
}

/** A change that someone wants to make to what is allowed. */
export type ControlAction =
  | KillAction
  | ReviveAction
  | SetBudgetAction
  | ReconcileAction
  | ForceCircuitAction
  | ResetCircuitAction
  | DowngradeAction;

/** Says who may pull which switch. False, or an error, refuses. */
export type Authorize = (action: ControlAction) => MaybePromise<boolean>;

/** Keeps who changed what, and why. */
export interface AuditSink {
  append(entry: ControlAction & { readonly atMs: number }): MaybePromise<void>;
}
