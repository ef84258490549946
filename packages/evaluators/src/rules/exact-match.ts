import { isDeepStrictEqual } from "node:util";
import { checkBoolean } from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  inconclusive,
  type RuleEvaluator,
} from "../evaluator.ts";
import { checkRuleOptions, defineRule, verdict } from "../rule.ts";
import { foldCase } from "../text/fold-case.ts";
import { readAnswer, readText } from "../text/read-text.ts";
import { withoutText } from "../tool-calls/turns.ts";

/** Options of {@link exactMatch}. */
export interface ExactMatchOptions extends EvaluatorOptions {
  /** What to compare with where the call brings no `expected`. */
  readonly expected?: unknown;
  /** Small and capital letters are the same (default false). */
  readonly ignoreCase?: boolean;
  /** Space around the text and its amount between words do not matter (default false). */
  readonly ignoreSpace?: boolean;
}

/**
 * Whether the output is the expected text, after Unicode composition (NFC); expected data is
 * compared with the output's JSON, whatever the order of its keys.
 *
 * Sees: identity. Does not see: that another wording is as good.
 * @throws {ConfigError} `BR9001`
 */
export function exactMatch(options: ExactMatchOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("exactMatch", options, ["expected", "ignoreCase", "ignoreSpace"]);
  const ignoreCase = checkBoolean("exactMatch().ignoreCase", options.ignoreCase ?? false);
  const ignoreSpace = checkBoolean("exactMatch().ignoreSpace", options.ignoreSpace ?? false);
  const folded = (text: string): string => {
    const composed = text.normalize("NFC");
    const spaced = ignoreSpace ? composed.trim().replace(/\s+/gu, " ") : composed;
    return ignoreCase ? foldCase(spaced) : spaced;
  };
  return defineRule(run, (given) => {
    const expected = given.expected ?? options.expected;
    if (expected === undefined || expected === null) return inconclusive("no expected value");
    const output = readAnswer(given);
    if (output.kind === "none") return withoutText(given, output);
    const wanted = readText(expected, "the expected value");
    if (wanted.kind === "none") return inconclusive(wanted.reason);
    const same =
      typeof expected === "string"
        ? folded(output.text) === folded(expected)
        : isData(given, output.text, JSON.parse(JSON.stringify(expected)));
    const reason = same ? "the output is the expected value" : "the output is another value";
    return verdict(same, ["match", "mismatch"], reason);
  });
}

/** Whether an output is this data: as JSON text, or as data with a text among its fields. */
function isData({ output }: EvaluatorInput, text: string, wanted: unknown): boolean {
  const isHeld = typeof output === "object" && output !== null;
  const read = [() => text, ...(isHeld ? [() => JSON.stringify(output)] : [])];
  return read.some((toJson) => isDeepStrictEqual(parsed(toJson), wanted));
}

/** Undefined for what is no JSON, or cannot be written as such. */
function parsed(toJson: () => string): unknown {
  try {
    return JSON.parse(toJson());
  } catch {
    return undefined;
  }
}
