import type { CircuitEvent } from "../breaker/breaker.ts";
import type { ThresholdAction } from "../budget/budget.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { CallContext } from "../context/call-context.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { ReplayedJournal } from "../journal/journal-replay.ts";
import type { KillEntry } from "../kill/kill-log.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { Balance, BudgetUnit } from "../ledger/ledger.ts";

/** What a refused call was, in names. */
export interface CallRefusedEvent {
  readonly id: string;
  readonly kind: "model" | "tool";
  readonly provider: string | undefined;
  readonly name: string;
  readonly context: CallContext;
  readonly error: GuardError;
  readonly code: GuardError["code"];
}

/** What a refused task was; the function that was to run in it did not. */
export interface TaskRefusedEvent {
  readonly name: string | undefined;
  /** Who asked for it; `task` is the one around it, if any. */
  readonly context: CallContext;
  readonly error: GuardError;
  readonly code: GuardError["code"];
}

/** A threshold of an account was crossed upwards. */
export interface ThresholdEvent {
  readonly budget: string;
  readonly key: string;
  readonly unit: BudgetUnit;
  readonly fraction: number;
  readonly do: ThresholdAction;
  readonly spent: number;
  readonly limit: number;
}

/** A call goes to another model than its caller asked for. */
export interface ModelSubstitutedEvent {
  readonly id: string;
  readonly context: CallContext;
  /** `provider/model`, as the caller asked. */
  readonly from: string;
  /** `provider/model` that is called in its place. */
  readonly to: string;
  /** Its key in the hook's `models` option. */
  readonly key: string;
  readonly because: "downgrade" | "fallback";
  /**
   * The budget whose threshold asked for it; undefined for a fallback and for `guard.downgrade`.
   */
  readonly budget: string | undefined;
  /** Who asked for it with `guard.downgrade`: a person, or the name of an objective. */
  readonly by: string | undefined;
}

/** Somebody's word on which model is to be called. */
export interface DowngradeEvent {
  readonly target: KillTarget;
  /** Of the other model, in the hooks' `models` option. */
  readonly key: string;
  readonly reason: string;
  readonly by: string;
}

/** A task asked for the same tool with the same arguments once too often. */
export interface LoopDetectedEvent {
  /** The server that owns the tool, when it has one. */
  readonly provider: string | undefined;
  /** The tool. */
  readonly name: string;
  readonly task: string;
  /** Times it was asked for, this one included. */
  readonly count: number;
  /** `refuse`: so is every later call of the task. */
  readonly do: "alert" | "refuse";
  readonly context: CallContext;
}

/**
 * Every event by name. Listeners that throw are counted in `metrics()`, never heard by the caller.
 */
export interface GuardEvents {
  readonly "call-admitted": {
    readonly id: string;
    readonly kind: "model" | "tool";
    readonly name: string;
    readonly context: CallContext;
  };
  /** Once for each call, also when the sweeper ended it. */
  readonly "call-settled": CallRecord;
  /** A call that the sweeper had recorded ended after all: `record` takes the place of `before`. */
  readonly "call-corrected": { readonly record: CallRecord; readonly before: CallRecord };
  readonly "call-refused": CallRefusedEvent;
  /**
   * An account is over its limit: a call used more than it had reserved, or the limit was lowered.
   */
  readonly "budget-overshot": {
    readonly budget: string;
    readonly key: string;
    readonly unit: BudgetUnit;
    readonly spent: number;
    readonly limit: number;
  };
  readonly "budget-threshold-crossed": ThresholdEvent;
  readonly "budget-changed": {
    readonly budget: string;
    readonly unit: BudgetUnit;
    readonly from: number;
    readonly to: number;
    readonly reason: string;
    readonly by: string;
  };
  /** Somebody took the provider's figures for the truth. Amounts in the budget's unit. */
  readonly "budget-reconciled": {
    readonly budget: string;
    readonly key: string;
    readonly unit: BudgetUnit;
    readonly before: Balance;
    readonly after: Balance;
    readonly reason: string;
    readonly by: string;
  };
  readonly "model-substituted": ModelSubstitutedEvent;
  /**
   * A threshold (or `guard.downgrade`) asks for another model, and the call's hook has none under
   * that key: the call goes on with its own, under the hard limit.
   */
  readonly "downgrade-unavailable": {
    readonly id: string;
    readonly name: string;
    readonly key: string;
    /** Undefined for `guard.downgrade`. */
    readonly budget: string | undefined;
    /** Who asked for it with `guard.downgrade`. */
    readonly by: string | undefined;
    readonly context: CallContext;
  };
  /** Somebody has another model called for what the target covers. */
  readonly "downgrade-issued": DowngradeEvent;
  readonly "downgrade-revoked": DowngradeEvent;
  /** At the count of `repeatedToolCall.alertAt`, and at that of `refuseAt`. */
  readonly "loop-detected": LoopDetectedEvent;
  /** A call ended for length because of the limit that the guard made its hook send. */
  readonly "output-truncated": {
    readonly id: string;
    readonly name: string;
    readonly maxOutputTokens: number;
  };
  /** A stream that is reserved step by step found no money for the next one. */
  readonly "call-cut": {
    readonly id: string;
    readonly name: string;
    readonly context: CallContext;
    /** As far as its hook had reported. */
    readonly outputTokens: number;
    readonly error: GuardError;
    readonly code: GuardError["code"];
  };
  /** The sweeper ended a reservation that nothing else did. */
  readonly "reservation-expired": {
    readonly id: string;
    readonly name: string;
    readonly as: "released" | "unknown";
  };
  /** A process that crashed had noted what its store was not told: now it is. */
  readonly "journal-replayed": ReplayedJournal;
  readonly "kill-issued": ActiveKill;
  readonly "kill-revived": KillEntry & {
    readonly kind: "revive";
    /** What was taken back: who had pulled it, when and why. */
    readonly kill: KillEntry & { readonly kind: "kill" };
  };
  /** A model or tool fails beyond doubt, or somebody forced its circuit: calls are refused. */
  readonly "circuit-opened": CircuitEvent;
  /** A few calls are let through to see whether it is well again. */
  readonly "circuit-half-opened": CircuitEvent;
  readonly "circuit-closed": CircuitEvent;
  /** A provider said when to come back (`Retry-After`); until then calls are refused. */
  readonly "circuit-paused": CircuitEvent;
  readonly "evaluation-completed": {
    readonly callId: string | undefined;
    readonly taskId: string | undefined;
    readonly context: CallContext;
    readonly result: EvaluationResult;
  };
  /** A kill covers the task that was about to begin: it counts as bad. */
  readonly "task-refused": TaskRefusedEvent;
  readonly "task-ended": {
    readonly id: string;
    readonly name: string | undefined;
    readonly context: CallContext;
    readonly outcome: "good" | "bad" | "excluded";
    /** What `task.fail` was given. */
    readonly reason: string | undefined;
    /** Undefined when the price of one of its calls is not known. */
    readonly costNanoUsd: number | undefined;
    readonly durationMs: number;
  };
  /** Something is not as safe as a reader may think; each text is said once a guard. */
  readonly warning: { readonly topic: string; readonly message: string };
}

/** Names that `guard.on` takes. */
export type GuardEventName = keyof GuardEvents;

const NAMES: Readonly<Record<GuardEventName, true>> = {
  "call-admitted": true,
  "call-settled": true,
  "call-corrected": true,
  "call-refused": true,
  "budget-overshot": true,
  "budget-threshold-crossed": true,
  "budget-changed": true,
  "budget-reconciled": true,
  "model-substituted": true,
  "downgrade-unavailable": true,
  "downgrade-issued": true,
  "downgrade-revoked": true,
  "loop-detected": true,
  "output-truncated": true,
  "call-cut": true,
  "reservation-expired": true,
  "journal-replayed": true,
  "kill-issued": true,
  "kill-revived": true,
  "circuit-opened": true,
  "circuit-half-opened": true,
  "circuit-closed": true,
  "circuit-paused": true,
  "evaluation-completed": true,
  "task-refused": true,
  "task-ended": true,
  warning: true,
};

/** The same names as values, so that a misspelt one is refused rather than never called. */
export const GUARD_EVENT_NAMES: readonly GuardEventName[] = Object.keys(NAMES) as GuardEventName[];
