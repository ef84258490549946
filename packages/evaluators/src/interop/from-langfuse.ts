import { checkFunction } from "@burnrate/core/adapter";
import type { TextEvaluator } from "../evaluator.ts";
import { foreignEvaluator, nameOf } from "./foreign-evaluator.ts";
import type { ForeignOptions } from "./foreign-options.ts";

/** An evaluator of Langfuse's experiments. */
export type LangfuseItemEvaluator = (params: never) => unknown;

/**
 * An evaluator written for `langfuse.experiment.run`:
 * `async ({ input, output, expectedOutput, metadata }) => ({ name, value, comment })`, or a list of
 * these. Its direction must be given; a categorical value needs `scores`.
 * @example
 * fromLangfuse(polite, { direction: "maximize" });
 * fromLangfuse(tone, { scores: { kind: 1, neutral: 0.5, rude: 0 } });
 * @throws {ConfigError} `BR9001`
 */
export function fromLangfuse(
  evaluator: LangfuseItemEvaluator,
  options: ForeignOptions = {},
): TextEvaluator {
  checkFunction("fromLangfuse()", evaluator);
  return foreignEvaluator("fromLangfuse", options, { name: nameOf(evaluator) }, (bag) =>
    (evaluator as (bag: unknown) => unknown)(bag),
  );
}
