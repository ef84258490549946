import { systemClock } from "@burnrate/core";
import { checkMethods, checkString, checkWholeNumber } from "@burnrate/core/adapter";
import type { CriterionEvaluator } from "../suites/criterion.ts";
import { MAX_MS, withDeadline } from "../with-deadline.ts";

/** An evaluation as Langfuse takes it. */
export interface LangfuseEvaluation {
  readonly name: string;
  readonly value: number;
  readonly dataType: "NUMERIC" | "BOOLEAN";
  readonly comment?: string;
  readonly metadata: { readonly passed: boolean; readonly label: string | undefined };
}

/** What `langfuse.experiment.run({ evaluators })` takes. */
export type LangfuseExperimentEvaluator = (params: {
  readonly input: unknown;
  readonly output: unknown;
  readonly expectedOutput?: unknown;
  readonly metadata?: unknown;
}) => Promise<LangfuseEvaluation | never[]>;

/** What core's own evaluators may read beside. */
const NO_GUARD = { context: {}, sources: [], record: undefined };

/**
 * An evaluator for `evaluators: []` of `langfuse.experiment.run`. What was not measured is no
 * evaluation at all: it never becomes a 0, and no mean counts it. What an evaluator throws is
 * thrown on: Langfuse logs it, with the item, and goes on without. The context is read from the
 * item's `metadata.context`.
 * @example
 * await langfuse.experiment.run({ name, data, task, evaluators: [toLangfuse(ragSuite())] });
 * @throws {ConfigError} `BR9001`
 */
export function toLangfuse(evaluator: CriterionEvaluator): LangfuseExperimentEvaluator {
  checkMethods("toLangfuse()", evaluator, ["evaluate"]);
  const name = checkString("toLangfuse().name", evaluator.name);
  const { on = "model", timeoutMs: given = 10_000 } = evaluator;
  const timeoutMs = checkWholeNumber("toLangfuse().timeoutMs", given, { min: 1, max: MAX_MS });
  const judge: LangfuseExperimentEvaluator = async (params) => {
    const { input, output, expectedOutput, metadata } = params;
    const item = { on, input, output, expected: expectedOutput, metadata };
    const ended = await withDeadline(systemClock, timeoutMs, undefined, (signal) =>
      evaluator.evaluate({ ...item, ...NO_GUARD, signal }),
    );
    if (ended.kind === "threw") throw ended.error;
    if (ended.kind === "late") return [];
    const { passed, score, label, reason } = ended.value;
    const isScore = score === undefined || (score >= 0 && score <= 1);
    if (typeof passed !== "boolean" || !isScore) return []; // to a guard they are errors
    return {
      name,
      value: score ?? Number(passed),
      dataType: score === undefined ? "BOOLEAN" : "NUMERIC",
      ...(reason !== undefined && { comment: reason }),
      metadata: { passed, label },
    };
  };
  return Object.defineProperty(judge, "name", { value: name }); // Langfuse's log says who failed
}
