import { checkArray, checkOneOf, checkString } from "@burnrate/core/adapter";
import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineRule, scored } from "../rule.ts";
import { nameOf, readCalls } from "../tool-calls/read-calls.ts";

/** Options of {@link toolSequence}. */
export interface ToolSequenceOptions extends EvaluatorOptions {
  /** Names in the order wanted; without it, the call's `expected`. */
  readonly expected?: readonly string[];
  /**
   * `exact`: these calls and no other (default). `in-order`: others may come between. `any-order`:
   * all of them, with any others.
   */
  readonly order?: "exact" | "in-order" | "any-order";
}

/**
 * Whether tools were called in the order wanted. The score is the share of the wanted calls that
 * came, in that order; for `exact` the share of all calls, if there were more.
 *
 * Sees: names. Does not see: arguments (`toolCallValid`) or results. A whole task's calls are read
 * from `metadata.toolCalls` or from the messages that it returned.
 * @throws {ConfigError} `BR9001`
 */
export function toolSequence(options: ToolSequenceOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("toolSequence", options, ["expected", "order"]);
  const fixed = options.expected && checkNames(options.expected);
  const orders = ["exact", "in-order", "any-order"] as const;
  const order = checkOneOf("toolSequence().order", options.order ?? "exact", orders);
  return defineRule({ ...run, on: options.on ?? "task" }, (given) => {
    const expected = fixed ?? namesOf(given.expected);
    if (expected === undefined) return inconclusive("no expected sequence");
    const calls = readCalls(given);
    if (calls === undefined) return inconclusive("no tool calls to judge");
    const names = calls.map(({ name }) => name);
    const found =
      order === "any-order" ? countAnywhere(expected, names) : countInOrder(expected, names);
    const extra = order === "exact" ? names.length - expected.length : 0;
    const passed = found === expected.length && extra === 0;
    const all = expected.length + Math.max(0, extra);
    const score = all === 0 ? 1 : found / all;
    const reason = `${found} of ${expected.length} wanted calls (${order}), ${names.length} made`;
    return scored(score, passed, passed ? "as-expected" : "other-sequence", reason);
  });
}

function checkNames(expected: unknown): readonly string[] {
  return checkArray("toolSequence().expected", expected).map((name, at) =>
    checkString(`toolSequence().expected[${at}]`, name),
  );
}

function namesOf(expected: unknown): readonly string[] | undefined {
  if (!Array.isArray(expected)) return undefined;
  const names = expected.map(nameOf);
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** How many of the wanted come, one after another, leaving out none before. */
function countInOrder(expected: readonly string[], names: readonly string[]): number {
  let found = 0;
  for (const name of names) if (name === expected[found]) found++;
  return found;
}

function countAnywhere(expected: readonly string[], names: readonly string[]): number {
  const left = new Map<string, number>();
  for (const name of names) left.set(name, (left.get(name) ?? 0) + 1);
  return expected.filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count > 0;
  }).length;
}
