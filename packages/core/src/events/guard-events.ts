import type { CallRecord } from "../call/call-record.ts";
import type { CallContext } from "../context/call-context.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { KillEntry } from "../kill/kill-log.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";

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

/** A threshold of an account was crossed upwards. */
export interface ThresholdEvent {
  readonly budget: string;
  readonly key: string;
  readonly unit: BudgetUnit;
  readonly fraction: number;
  readonly do: "alert" | "kill";
  readonly spent: number;
  readonly limit: number;
}

/** Every event by name. Listeners that throw are counted in `metrics()`, never heard by the caller. */
export interface GuardEvents {
  readonly "call-admitted": {
    readonly id: string;
    readonly kind: "model" | "tool";
    readonly name: string;
    readonly context: CallContext;
  };
  readonly "call-settled": CallRecord;
  readonly "call-refused": CallRefusedEvent;
  /** An account's usage exceeded its limit by what a call used beyond its reservation. */
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
  /** A call ended for length because of the limit that the guard made its hook send. */
  readonly "output-truncated": {
    readonly id: string;
    readonly name: string;
    readonly maxOutputTokens: number;
  };
  /** The sweeper ended a reservation that nothing else did. */
  readonly "reservation-expired": {
    readonly id: string;
    readonly name: string;
    readonly as: "released" | "unknown";
  };
  readonly "kill-issued": KillEntry & { readonly kind: "kill" };
  readonly "kill-revived": KillEntry & { readonly kind: "revive" };
  readonly "evaluation-completed": {
    readonly callId: string | undefined;
    readonly taskId: string | undefined;
    readonly context: CallContext;
    readonly result: EvaluationResult;
  };
  readonly "task-ended": {
    readonly id: string;
    readonly name: string | undefined;
    readonly context: CallContext;
    readonly outcome: "good" | "bad" | "excluded";
    readonly costNanoUsd: number;
    readonly durationMs: number;
  };
  /** Something is not as safe as a reader may think; each text is said once a guard. */
  readonly warning: { readonly topic: string; readonly message: string };
}

/** Names that `guard.on` takes. */
export type GuardEventName = keyof GuardEvents;
