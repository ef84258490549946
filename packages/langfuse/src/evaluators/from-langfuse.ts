import type { Evaluation, EvaluationInput, Evaluator } from "@burnrate/core";
import { checkObject, optionError } from "@burnrate/core/adapter";
import type { LangfuseEvaluation, LangfuseEvaluator } from "./judge.ts";

/** How one of Langfuse's evaluators works here. */
export interface FromLangfuseOptions extends Omit<Evaluator, "evaluate"> {
  /** A number of at least this passes (default 0.5). */
  readonly threshold?: number;
  /** Texts that pass; any other does not. Without it, a text is unsure. */
  readonly passes?: readonly string[];
}

/**
 * An evaluator written for Langfuse's experiments, as one of a guard. Of several evaluations all must
 * pass; the lowest score is the verdict's.
 *
 * @throws {ConfigError} `BR9001` when it is no function, or has no name.
 */
export function fromLangfuse(
  evaluator: LangfuseEvaluator,
  options: FromLangfuseOptions,
): Evaluator {
  if (typeof evaluator !== "function") {
    throw optionError("fromLangfuse", evaluator, "an evaluator: an asynchronous function");
  }
  checkObject("fromLangfuse", options);
  const { threshold = 0.5, passes, ...rest } = options;
  return {
    ...rest,
    async evaluate(given) {
      const { input, output, expected, metadata } = given as EvaluationInput & Extras;
      const answer = await evaluator({
        input,
        output,
        expectedOutput: expected,
        ...(metadata !== undefined && { metadata }),
      });
      const all = Array.isArray(answer) ? answer : [answer];
      return combine(all.map((one) => judge(one, threshold, passes)));
    },
  };
}

interface Extras {
  readonly expected?: unknown;
  readonly metadata?: Record<string, unknown>;
}

function judge(
  { value, comment, dataType }: LangfuseEvaluation,
  threshold: number,
  passes: readonly string[] | undefined,
): Evaluation {
  const reason = comment === undefined ? {} : { reason: comment };
  if (typeof value === "number") {
    const isScore = value >= 0 && value <= 1 && dataType !== "BOOLEAN";
    return { passed: value >= threshold, ...(isScore && { score: value }), ...reason };
  }
  return {
    label: value,
    ...(passes !== undefined && { passed: passes.includes(value) }),
    ...reason,
  };
}

/** Unsure unless everybody is sure; nobody at all is unsure, too. */
function combine(all: readonly Evaluation[]): Evaluation {
  const [first = {}] = all;
  if (all.length < 2) return first;
  const worst = all.find(({ passed }) => passed === false);
  const unsure = all.find(({ passed }) => passed === undefined);
  const scores = all.flatMap(({ score }) => (score === undefined ? [] : [score]));
  return {
    ...(worst ?? unsure ?? first),
    ...(scores.length > 0 && { score: Math.min(...scores) }),
  };
}
