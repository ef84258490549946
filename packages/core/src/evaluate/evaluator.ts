import type { CallRecord } from "../call/call-record.ts";
import type { CallContext } from "../context/call-context.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";

/** What an evaluator sees. Content lives only as long as the evaluation. */
export interface EvaluationInput {
  readonly on: "model" | "tool" | "task";
  readonly input: unknown;
  readonly output: unknown;
  /** The settled call; undefined for tasks. */
  readonly record: CallRecord | undefined;
  readonly context: CallContext;
  /** Fires at the evaluator's deadline. */
  readonly signal: AbortSignal;
}

/** A verdict. `passed` undefined means unsure, which is never a pass. */
export interface Evaluation {
  readonly passed?: boolean;
  /** 0 (worst) to 1 (best). */
  readonly score?: number;
  readonly label?: string;
  readonly reason?: string;
}

/** Judges the result of a call or a task. Required ones fail closed: an error is never a pass. */
export interface Evaluator {
  readonly name: string;
  readonly on: "model" | "tool" | "task";
  /** `inline` is awaited before the caller gets the result (default); `background` never delays it. */
  readonly mode?: "inline" | "background";
  /** One that fails, errs or is unsure makes `settle` throw (default false). Inline only. */
  readonly required?: boolean;
  /** Fraction of calls judged, chosen by a hash of the call id (default 1). */
  readonly sample?: number;
  /** Deadline (default 10,000). */
  readonly timeoutMs?: number;
  /** `refuse` (default when required) throws; `record` only records the failed verdict. */
  readonly onFail?: "refuse" | "record";
  evaluate(input: EvaluationInput): MaybePromise<Evaluation>;
}

/** One evaluator's verdict as recorded: in numbers and names. */
export interface EvaluationResult {
  readonly evaluator: string;
  readonly status: "passed" | "failed" | "unsure" | "error" | "timeout";
  readonly score: number | undefined;
  readonly label: string | undefined;
  readonly required: boolean;
}
