import type { CallRecord, Evaluation, Evaluator, Source } from "@burnrate/core";

/**
 * What an evaluator of this package reads. Core's own input fits: a guard runs these evaluators as
 * they are, and a test or a calibration calls `evaluate` with the same fields by hand.
 */
export interface EvaluatorInput {
  /** The answer: text, or what an adapter gives (content parts, messages, a tool's result). */
  readonly output: unknown;
  /** The question: text or messages. */
  readonly input?: unknown;
  /** The reference answer, where there is one. */
  readonly expected?: unknown;
  /**
   * What the answer may rely on: text, texts, documents or data. In a guard it is core's call context,
   * which holds no texts; then `metadata.context` is read, else `sources` and the tool results
   * among the messages of `input`.
   */
  readonly context?: unknown;
  /** What a guard gathered in the task: tools' results, retrieved documents, citations. */
  readonly sources?: readonly Source[];
  /** Anything else an evaluator documents, such as `latencyMs`, `costUsd`, `toolCalls`. */
  readonly metadata?: unknown;
  /** The settled call, in a guard. */
  readonly record?: CallRecord | undefined;
  readonly on?: "model" | "tool" | "task";
  /** The output of a stream that goes on; a rule that found something at its very end is unsure. */
  readonly partial?: boolean;
  /** Asks a judge anew, whatever it answered before (`driftCheck` does). */
  readonly fresh?: boolean;
  /** Fires at the evaluator's deadline. */
  readonly signal?: AbortSignal;
}

/** A place in the output that speaks against it, as offsets in UTF-16 code units. */
export interface Evidence {
  readonly start: number;
  readonly end: number;
  /** Such as `number`, `novel words`, `email`. */
  readonly kind: string;
}

/** A measured verdict. */
export interface Judged {
  readonly passed: boolean;
  /** 0 (worst) to 1 (best), whatever the evaluator looks for. */
  readonly score: number;
  /** A fixed word, such as `supported`; never text of the call, because records keep it. */
  readonly label: string;
  /** Why, in words; may quote the output, so it is for the caller and not for records. */
  readonly reason: string;
  readonly evidence?: readonly Evidence[];
}

/** No verdict: never a pass, never a failure, never a number. `coverage` counts it. */
export interface Inconclusive {
  readonly passed?: never;
  readonly score?: never;
  readonly label: "inconclusive";
  readonly reason: string;
  /**
   * There was nothing to judge, because a turn that only calls tools says nothing: a guard records
   * nothing then and withholds nothing, even when the evaluator is required.
   */
  readonly skipped?: true;
}

/** What every evaluator of this package answers. Assignable to core's `Evaluation`. */
export type Verdict = Judged | Inconclusive;

/** An evaluator that a guard takes and that can be called by hand. */
export interface TextEvaluator extends Omit<Evaluator, "evaluate"> {
  evaluate(given: EvaluatorInput): Verdict | Promise<Verdict>;
}

/** One that answers at once, without a model. */
export interface RuleEvaluator extends Omit<Evaluator, "evaluate"> {
  evaluate(given: EvaluatorInput): Verdict;
}

/** How a guard runs an evaluator: what core's `Evaluator` has beside `evaluate`, all optional. */
export interface EvaluatorOptions {
  /** What verdicts are recorded under (default: the factory's own name). */
  readonly name?: string;
  /** What it looks at (default `model`; see each factory). */
  readonly on?: Evaluator["on"];
  /** Awaited (`inline`, default), or after the result was handed on (`background`). */
  readonly mode?: Evaluator["mode"];
  /** Whether a result without a pass is refused with `BR6001` (default false). Inline only. */
  readonly required?: boolean;
  /** Share of calls that are judged, chosen by their ids (default 1). */
  readonly sample?: number;
  /** Deadline in milliseconds (default 10,000). */
  readonly timeoutMs?: number;
  /** `refuse` (default when required), or `record`. */
  readonly onFail?: Evaluator["onFail"];
  /** Whether a stream's text is held back for it (default `end`: no). */
  readonly onStream?: Evaluator["onStream"];
}

/** Makes the answer of an evaluator that could not judge. */
export function inconclusive(reason: string): Inconclusive {
  return { label: "inconclusive", reason };
}

/** Whether an evaluator could judge. */
export function isJudged(verdict: Evaluation | Verdict): verdict is Judged {
  return verdict.passed !== undefined && Number.isFinite(verdict.score);
}
