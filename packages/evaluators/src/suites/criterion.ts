import type { Evaluation, Evaluator } from "@burnrate/core";
import type { EvaluatorInput } from "../evaluator.ts";

/** Any evaluator: of this package, wrapped from another library, or one of core's own kind. */
export interface CriterionEvaluator extends Omit<Evaluator, "evaluate"> {
  evaluate(given: EvaluatorInput): Evaluation | Promise<Evaluation>;
}

/** One thing that a suite looks at. */
export interface Criterion {
  /** Sampling, mode and `onFail` are the suite's; its own `timeoutMs` is its deadline. */
  readonly evaluator: CriterionEvaluator;
  /** How much its score counts (default 1). 0 only for a required one, which then only gates. */
  readonly weight?: number;
  /** Without a clear pass of this one the suite does not pass (default: the evaluator's own). */
  readonly required?: boolean;
}

/**
 * What became of one criterion. Only `passed` and `failed` are measured; `skipped` found nothing to
 * judge and counts as if it were not in the suite.
 */
export interface CriterionResult {
  readonly name: string;
  readonly required: boolean;
  readonly weight: number;
  readonly status: "passed" | "failed" | "unsure" | "skipped" | "error" | "timeout";
  /** 0 (worst) to 1 (best); undefined when it was not measured. */
  readonly score: number | undefined;
  readonly label: string | undefined;
  /** For the caller and not for records: it may quote the output. */
  readonly reason: string;
  /** What the evaluator threw. */
  readonly error?: unknown;
}
