import { checkBoolean } from "@burnrate/core/adapter";
import type { EvaluatorOptions, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineRule, verdict } from "../rule.ts";
import { readJson } from "../text/read-json.ts";
import { withoutText } from "../tool-calls/turns.ts";

/** Options of {@link jsonValid}. */
export interface JsonValidOptions extends EvaluatorOptions {
  /**
   * A Markdown fence around the JSON is fine (default false, because a parser does not think so).
   */
  readonly allowFence?: boolean;
}

/**
 * Whether the whole output is one JSON value.
 *
 * Sees: syntax. Does not see: duplicate keys, of which the last counts, nor what the fields mean.
 * @throws {ConfigError} `BR9001`
 */
export function jsonValid(options: JsonValidOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("jsonValid", options, ["allowFence"]);
  const allowFence = checkBoolean("jsonValid().allowFence", options.allowFence ?? false);
  return defineRule(run, (given) => {
    const json = readJson(given, allowFence);
    if (json.kind === "none") return withoutText(given, json);
    const reason = json.kind === "data" ? "the output is JSON" : json.reason;
    return verdict(json.kind === "data", ["valid", "invalid"], reason);
  });
}
