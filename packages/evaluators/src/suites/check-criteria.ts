import type { Evaluator } from "@burnrate/core";
import {
  checkArray,
  checkBoolean,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { read } from "../shape.ts";
import { MAX_MS } from "../with-deadline.ts";
import type { Criterion, CriterionEvaluator } from "./criterion.ts";

const MAX_CRITERIA = 50;
/** Core's own default. */
const DEADLINE_MS = 10_000;
/** What a guard does with a verdict is decided once, for the suite. */
const SUITE_ONLY = { mode: "inline", sample: 1, onFail: undefined, onStream: "end" } as const;

/** A criterion with every default filled in. */
export interface CheckedCriterion {
  readonly name: string;
  readonly weight: number;
  readonly required: boolean;
  readonly timeoutMs: number;
  /** Asks a guard for what the answer may rely on. */
  readonly sources: boolean;
  readonly evaluate: CriterionEvaluator["evaluate"];
}

/**
 * Checks at most 50 criteria with different names that look at the same thing as the suite.
 * @throws {ConfigError} `BR9001`
 */
export function checkCriteria(
  path: string,
  given: readonly Criterion[],
  on: Evaluator["on"],
): readonly CheckedCriterion[] {
  const criteria = checkArray(path, given, MAX_CRITERIA).map((value, index) =>
    checkCriterion(`${path}[${index}]`, value, on),
  );
  for (const [index, { name }] of criteria.entries()) {
    if (criteria.findIndex((other) => other.name === name) < index) {
      const place = `${path}[${index}].evaluator.name`;
      throw optionError(place, name, "a name of its own: another criterion has the same");
    }
  }
  if (!criteria.some(({ weight }) => weight > 0)) {
    throw optionError(path, given, "a list with at least one criterion that has a weight");
  }
  return criteria;
}

function checkCriterion(path: string, value: unknown, on: Evaluator["on"]): CheckedCriterion {
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["evaluator", "weight", "required"]);
  const place = `${path}.evaluator`;
  checkMethods(place, given["evaluator"], ["evaluate"]);
  const evaluator = given["evaluator"] as CriterionEvaluator;
  const own = (key: string): unknown => read(evaluator, key);
  for (const [key, usual] of Object.entries(SUITE_ONLY)) {
    const held = own(key) ?? usual;
    if (held !== usual) throw optionError(`${place}.${key}`, held, "absent: set it on the suite");
  }
  const looksAt = checkOneOf(`${place}.on`, own("on"), ["model", "tool", "task"]);
  if (looksAt !== on) throw optionError(`${place}.on`, looksAt, `"${on}", as of the suite`);
  const required = given["required"] ?? own("required") ?? false;
  const isRequired = checkBoolean(`${path}.required`, required);
  const bounds = { min: 1, max: MAX_MS };
  return {
    name: checkString(`${place}.name`, own("name")),
    weight: checkWeight(`${path}.weight`, given["weight"] ?? 1, isRequired),
    required: isRequired,
    timeoutMs: checkWholeNumber(`${place}.timeoutMs`, own("timeoutMs") ?? DEADLINE_MS, bounds),
    sources: own("sources") === true,
    evaluate: (input) => evaluator.evaluate(input),
  };
}

function checkWeight(path: string, value: unknown, required: boolean): number {
  const fits = typeof value === "number" && value <= 1_000_000 && value >= 0;
  if (fits && (required || value > 0)) return value;
  const least = required ? "a number from 0" : "a number above 0";
  throw optionError(path, value, `${least} to 1,000,000`);
}
