import { checkOneOf, checkWholeNumber, optionError } from "@burnrate/core/adapter";
import type { EvaluatorOptions, RuleEvaluator, Verdict } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, verdict } from "../rule.ts";

/** Options of {@link lengthWithin}. */
export interface LengthWithinOptions extends EvaluatorOptions {
  /** Shortest length that passes (default 0). One of `min` and `max` must be given. */
  readonly min?: number;
  /** Longest length that passes (default: any). */
  readonly max?: number;
  /** `characters` as a reader counts code points (default), or `words` between spaces. */
  readonly unit?: "characters" | "words";
}

/**
 * Whether the output is neither too short nor too long. An output longer than any rule reads
 * (262,144 characters) is inconclusive here too.
 *
 * Sees: length. In several public data sets length alone gives wrong answers away; in yours it may
 * only hide them.
 * @throws {ConfigError} `BR9001`
 */
export function lengthWithin(options: LengthWithinOptions): RuleEvaluator {
  const run = checkRuleOptions("lengthWithin", options, ["min", "max", "unit"]);
  if (options.min === undefined && options.max === undefined) {
    throw optionError("lengthWithin()", options, "given min, max or both: any length would pass");
  }
  const min = checkWholeNumber("lengthWithin().min", options.min ?? 0);
  const max = checkWholeNumber("lengthWithin().max", options.max ?? Number.MAX_SAFE_INTEGER);
  if (min > max) throw optionError("lengthWithin().min", min, `at most max (${max})`);
  const unit = checkOneOf("lengthWithin().unit", options.unit ?? "characters", [
    "characters",
    "words",
  ]);
  const allowed =
    options.max === undefined ? `${min} or more allowed` : `from ${min} to ${max} allowed`;
  const judge = (text: string): Verdict => {
    const length = unit === "words" ? countWords(text) : countCharacters(text);
    const reason = `${length} ${unit}, ${allowed}`;
    return verdict(
      length >= min && length <= max,
      ["fits", length < min ? "short" : "long"],
      reason,
    );
  };
  return defineTextRule(run, judge, ({ label }) => label === "long");
}

function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}

function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(at + 1))) at++;
    count++;
  }
  return count;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
