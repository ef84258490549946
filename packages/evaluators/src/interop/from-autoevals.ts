import { checkFunction } from "@burnrate/core/adapter";
import type { TextEvaluator } from "../evaluator.ts";
import type { BagField } from "./bag.ts";
import { foreignEvaluator, nameOf } from "./foreign-evaluator.ts";
import type { ForeignOptions } from "./foreign-options.ts";

/**
 * A scorer as `autoevals` and Braintrust have it: `({ output, expected, … }) => { name, score }`.
 */
export type AutoevalsScorer = (args: never) => unknown;

/**
 * The scorers of autoevals 0.3, by name, with what they cannot do without. For all of them 1 is
 * good (`Security`: not malicious). `ExactMatch` and `JSONDiff` would compare with an absent value,
 * and call it 0.
 */
const KNOWN: Readonly<Record<string, readonly BagField[]>> = {
  AnswerCorrectness: ["input", "expected"],
  AnswerRelevancy: ["input", "context"],
  AnswerSimilarity: ["expected"],
  Battle: ["expected"],
  ClosedQA: ["input"],
  ContextEntityRecall: ["expected", "context"],
  ContextPrecision: ["input", "expected", "context"],
  ContextRecall: ["input", "expected", "context"],
  ContextRelevancy: ["input", "context"],
  EmbeddingSimilarity: ["expected"],
  ExactMatch: ["expected"],
  Factuality: ["input", "expected"],
  Faithfulness: ["input", "context"],
  Humor: [],
  JSONDiff: ["expected"],
  Levenshtein: ["expected"],
  ListContains: ["expected"],
  Moderation: [],
  NumericDiff: ["expected"],
  Possible: ["input"],
  Security: [],
  Sql: ["input", "expected"],
  Summary: ["input", "expected"],
  Translation: ["input", "expected"],
  ValidJSON: [],
};

/**
 * A scorer of `autoevals`, or one of your own of that shape, as an evaluator. Of the library's own
 * the direction and what they need are known; arguments of theirs go in by `.partial({ … })`, as do
 * an OpenAI `client` (with `maxRetries: 0`, or it waits longer than a deadline) and a `model`.
 *
 * `Faithfulness` answers 0 for an output without statements, which cannot be told from
 * "unfaithful".
 * @example
 * createGuard({ evaluators: [fromAutoevals(Levenshtein, { threshold: 0.8 })] });
 * @throws {ConfigError} `BR9001`, also when the direction is not known and not given.
 */
export function fromAutoevals(
  scorer: AutoevalsScorer,
  options: ForeignOptions = {},
): TextEvaluator {
  checkFunction("fromAutoevals()", scorer);
  const name = nameOf(scorer);
  const requires = name !== undefined && Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  const direction = requires === undefined ? undefined : "maximize";
  return foreignEvaluator("fromAutoevals", options, { name, direction, requires }, (bag) =>
    (scorer as (bag: unknown) => unknown)(bag),
  );
}
