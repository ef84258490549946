import { checkFunction } from "@burnrate/core/adapter";
import type { TextEvaluator } from "../evaluator.ts";
import { foreignEvaluator, nameOf } from "./foreign-evaluator.ts";
import type { ForeignOptions, KnownEvaluator } from "./foreign-options.ts";

/** An evaluator as `openevals`, `agentevals` and LangSmith have it. */
export type OpenevalsEvaluator = (params: never) => unknown;

/**
 * Of openevals 0.2. What its factories make has no name, and a prompt's direction is its own
 * affair.
 */
const KNOWN: Readonly<Record<string, KnownEvaluator>> = {
  exactMatch: { name: "exactMatch", direction: "maximize", requires: ["expected"] },
  levenshteinDistance: {
    name: "levenshteinDistance", // a similarity, whatever its name says
    direction: "maximize",
    requires: ["expected"],
  },
};

/**
 * An evaluator of `openevals`, `agentevals` or LangSmith. Name and direction must be given for all
 * that a factory of theirs made: true is good under `HALLUCINATION_PROMPT`, and bad under
 * `TOXICITY_PROMPT`. Trajectories want messages: `values: "as-given"`.
 * @example
 * const judge = createLLMAsJudge({ prompt: TOXICITY_PROMPT, judge: client, model: "gpt-5" });
 * fromOpenevals(judge, { name: "toxicity", direction: "minimize", mode: "background" });
 * @throws {ConfigError} `BR9001`
 */
export function fromOpenevals(
  evaluator: OpenevalsEvaluator,
  options: ForeignOptions = {},
): TextEvaluator {
  checkFunction("fromOpenevals()", evaluator);
  const name = nameOf(evaluator);
  const known = name !== undefined && Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  return foreignEvaluator("fromOpenevals", options, known ?? { name }, (bag) =>
    (evaluator as (bag: unknown) => unknown)(bag),
  );
}
