import type { CallRecord } from "../call/call-record.ts";
import type { CallContext } from "../context/call-context.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Source } from "./source.ts";

/** What an evaluator sees. Content lives only as long as the evaluation. */
export interface EvaluationInput {
  readonly on: "model" | "tool" | "task";
  readonly input: unknown;
  readonly output: unknown;
  /** The settled call; undefined for tasks. */
  readonly record: CallRecord | undefined;
  readonly context: CallContext;
  /**
   * What the answer may rely on, oldest first: gathered from the tools, retrievers and citations of
   * its task before the call ended. Empty while no evaluator of the guard asks for `sources`.
   */
  readonly sources: readonly Source[];
  /**
   * The output of a stream that goes on (`onStream: { window }`): what stands at its very end may
   * be half of something else, so a finding there is better unsure than failed.
   */
  readonly partial?: boolean;
  /** Fires at the evaluator's deadline; for an inline one also when the caller's own signal does. */
  readonly signal: AbortSignal;
}

/** A verdict. `passed` undefined means unsure, which is never a pass. */
export interface Evaluation {
  readonly passed?: boolean;
  /**
   * There is nothing that this evaluator is about, such as words in a turn that only calls tools:
   * it refuses nothing and is recorded nowhere, as if the call had not been sampled. Counts only
   * without `passed`; in a stream that goes on it means unsure.
   */
  readonly skipped?: boolean;
  /** 0 (worst) to 1 (best). */
  readonly score?: number;
  readonly label?: string;
  readonly reason?: string;
}

/** How far a stream's text stays behind. */
export interface StreamWindow {
  /** Characters, from 1 to 1,000,000. A check of a text of n windows reads it n times. */
  readonly window: number;
}

/** Judges the result of a call or a task. Required ones fail closed: an error is never a pass. */
export interface Evaluator {
  readonly name: string;
  readonly on: "model" | "tool" | "task";
  /**
   * `inline` is awaited before the caller gets the result (default); `background` never delays it.
   */
  readonly mode?: "inline" | "background";
  /** One that fails, errs or is unsure makes `settle` throw (default false). Inline only. */
  readonly required?: boolean;
  /** Fraction of calls judged, chosen by a hash of the call id (default 1). */
  readonly sample?: number;
  /** Deadline (default 10,000). */
  readonly timeoutMs?: number;
  /** `refuse` (default when required) throws; `record` only records the failed verdict. */
  readonly onFail?: "refuse" | "record";
  /**
   * What streams of models do meanwhile, for an inline one that refuses:
   * - `end` (default): text passes as it comes. The verdict on the whole comes before the stream's
   *   end and before its tool calls, and a refusal takes their place.
   * - `hold`: nothing passes before the verdict on the whole.
   * - `{ window: n }`: text stays at least `n` characters behind. Each time as many more have come,
   *   all that came so far is judged, and a failure cuts the stream; so for evaluators whose no
   *   stays a no, such as a leak that is shorter than the window. The whole is judged at the end,
   *   too.
   */
  readonly onStream?: "end" | "hold" | StreamWindow;
  /** Asks for `input.sources` (default false). While nobody asks, nothing is gathered. */
  readonly sources?: boolean;
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
