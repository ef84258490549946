import { checkBoolean, checkString, optionError } from "@burnrate/core/adapter";
import { RE2JS } from "re2js";
import type { EvaluatorOptions, RuleEvaluator, Verdict } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, verdict } from "../rule.ts";

/** Options of {@link matches}. */
export interface MatchesOptions extends EvaluatorOptions {
  /**
   * In RE2 syntax: no look-around and no back-references, so it is linear on any output. Of a
   * `RegExp` the source and the flags `i`, `m` and `s` are taken; `v` and `y` mean what RE2 cannot.
   */
  readonly pattern: string | RegExp;
  /** Small and capital letters are the same (default false). */
  readonly ignoreCase?: boolean;
  /** The whole output must match, not a part of it (default false). */
  readonly whole?: boolean;
  /** The output must not match (default false). */
  readonly not?: boolean;
}

/**
 * Whether the output matches a regular expression, in linear time whatever the output is.
 *
 * Sees: form. Does not see: sense.
 * @see https://github.com/google/re2/wiki/Syntax
 * @throws {ConfigError} `BR9001`
 */
export function matches(options: MatchesOptions): RuleEvaluator {
  const run = checkRuleOptions("matches", options, ["pattern", "ignoreCase", "whole", "not"]);
  const { pattern } = options;
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  checkString("matches().pattern", source, 1_000);
  const ignoreCase = checkBoolean("matches().ignoreCase", options.ignoreCase ?? false);
  const whole = checkBoolean("matches().whole", options.whole ?? false);
  const not = checkBoolean("matches().not", options.not ?? false);
  const given = pattern instanceof RegExp ? flagsOf(pattern) : 0;
  const expression = compile(source, given | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
  const judge = (text: string): Verdict => {
    const found = whole ? expression.testExact(text) : expression.test(text);
    const reason = `the output ${found ? "matches" : "does not match"} the pattern`;
    return verdict(found !== not, found ? ["match", "match"] : ["mismatch", "mismatch"], reason);
  };
  const isBan = not && !whole && !AT_END.test(source);
  return defineTextRule(run, judge, () => isBan);
}

/** What asks for the end of a text or a word, which a stream has elsewhere in the end. */
const AT_END = /\$|\\[zZbB]/;

function flagsOf({ ignoreCase, multiline, dotAll, flags: given }: RegExp): number {
  if (/[vy]/.test(given)) throw optionError("matches().pattern", given, "without flags v and y");
  const flags = (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0);
  return flags | (dotAll ? RE2JS.DOTALL : 0);
}

function compile(pattern: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch {
    throw optionError("matches().pattern", pattern, "a regular expression in RE2 syntax");
  }
}
