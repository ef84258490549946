import { checkBoolean, optionError } from "@burnrate/core/adapter";
import type { EvaluatorOptions, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineRule, verdict } from "../rule.ts";
import { type CheckValue, compileSchema } from "../schema/compile-schema.ts";
import { readJson } from "../text/read-json.ts";
import { withoutText } from "../tool-calls/turns.ts";

/** Options of {@link schemaValid}. */
export interface SchemaValidOptions extends EvaluatorOptions {
  /** JSON Schema (draft-06 to 2020-12), zod 3 or 4, or any synchronous Standard Schema. */
  readonly schema: unknown;
  /** A Markdown fence around the JSON is fine (default false). */
  readonly allowFence?: boolean;
}

/**
 * Whether the output is JSON that fits a schema.
 *
 * Sees: fields, types, ranges, patterns (on RE2, so linear). Does not see: wrong values of the
 * right type; `format` and patterns with look-around, which are not checked.
 * @throws {ConfigError} `BR9001`
 */
export function schemaValid(options: SchemaValidOptions): RuleEvaluator {
  const run = checkRuleOptions("schemaValid", options, ["schema", "allowFence"]);
  const allowFence = checkBoolean("schemaValid().allowFence", options.allowFence ?? false);
  const check = compile(options.schema);
  return defineRule(run, (given) => {
    const json = readJson(given, allowFence);
    if (json.kind === "none") return withoutText(given, json);
    const problem = json.kind === "data" ? check(json.data) : json.reason;
    const reason = problem ?? "the output fits the schema";
    return verdict(problem === undefined, ["valid", "invalid"], reason);
  });
}

function compile(schema: unknown): CheckValue {
  try {
    return compileSchema(schema);
  } catch {
    const expected =
      "a JSON Schema (draft-06 to 2020-12) without references to other documents, or a zod schema";
    throw optionError("schemaValid().schema", schema, expected);
  }
}
