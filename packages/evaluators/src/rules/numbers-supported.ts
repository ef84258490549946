import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { missingNumbers } from "../facts/missing-numbers.ts";
import { numbersIn } from "../facts/numbers.ts";
import { checkRuleOptions, defineTextRule, quoteEvidence, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { withoutMarks } from "../text/citations.ts";
import { readContext } from "../text/read-context.ts";

/** Options of {@link numbersSupported}. */
export interface NumbersSupportedOptions extends EvaluatorOptions {
  /** Least share of the numbers that must be in the context (default 1: all). */
  readonly threshold?: number;
}

/**
 * Whether the numbers and days of the answer stand in the context, compared by value.
 *
 * Sees: a wrong figure, year or day. Does not see: a right figure about the wrong thing, sums and
 * roundings (both count as missing), numbers in names (`LH124`), wrong words. Marks of sources that
 * exist, such as `[1]`, and the numbers of a list are no numbers. An answer without numbers passes.
 * @throws {ConfigError} `BR9001`
 */
export function numbersSupported(options: NumbersSupportedOptions = {}): RuleEvaluator {
  const run = { ...checkRuleOptions("numbersSupported", options, ["threshold"]), sources: true };
  const threshold = checkThreshold("numbersSupported", options.threshold ?? 1);
  return defineTextRule(run, (text, given) => {
    const context = readContext(given);
    if (context.kind === "none") return inconclusive(context.reason);
    const answer = withoutMarks(text, given);
    const facts = numbersIn(answer);
    if (facts.length === 0) return scored(1, true, "no-numbers", "the output has no numbers");
    const missing = missingNumbers(facts, answer, context.text);
    const score = (facts.length - missing.length) / facts.length; // 1 - 4 / 5 is less than 0.2
    const passed = score >= threshold;
    const found = missing.length === 0 ? "nothing" : quoteEvidence(text, missing);
    const places = missing.map(({ start, end, kind }) => ({ start, end, kind }));
    const label = passed ? "supported" : "unsupported";
    return scored(score, passed, label, `not in the context: ${found}`, places);
  });
}
