import type { EvaluationInput } from "@burnrate/core";
import type { Judgement, LangfuseEvaluation, LangfuseEvaluator } from "./judge.ts";

/** The part of an evaluator of ours that an experiment needs. */
export interface PlainEvaluator {
  readonly name: string;
  readonly on?: "model" | "tool" | "task";
  /** Default 10,000. */
  readonly timeoutMs?: number;
  evaluate(
    input: EvaluationInput & { readonly expected?: unknown; readonly metadata?: unknown },
  ): Judgement | PromiseLike<Judgement>;
}

/**
 * One of our evaluators for `evaluators: []` of `langfuse.experiment.run`. Who is unsure is said so,
 * and never counts as a 0.
 *
 * @example
 * await langfuse.experiment.run({ name, data, task, evaluators: [toLangfuseEvaluator(polite)] });
 */
export function toLangfuseEvaluator(evaluator: PlainEvaluator): LangfuseEvaluator {
  const { name, on = "model", timeoutMs = 10_000 } = evaluator;
  return async ({ input, output, expectedOutput, metadata }) => {
    const judgement = await evaluator.evaluate({
      on,
      input,
      output,
      expected: expectedOutput,
      metadata,
      record: undefined,
      context: {},
      sources: [],
      signal: AbortSignal.timeout(timeoutMs),
    });
    return toEvaluation(name, judgement);
  };
}

function toEvaluation(name: string, judgement: Judgement): LangfuseEvaluation {
  const { passed, score, label, reason } = judgement;
  const comment = reason ?? label;
  const common = {
    ...(comment !== undefined && { comment }),
    metadata: { passed, label },
  };
  if (score !== undefined) return { name, value: score, dataType: "NUMERIC", ...common };
  if (passed !== undefined) {
    return { name, value: passed ? 1 : 0, dataType: "BOOLEAN", ...common };
  }
  return { name: `${name}.status`, value: "unsure", dataType: "CATEGORICAL", ...common };
}
