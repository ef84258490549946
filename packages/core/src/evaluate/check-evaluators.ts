import {
  checkArray,
  checkBoolean,
  checkFraction,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { isGuardError } from "../errors/guard-error.ts";
import type { Evaluator } from "./evaluator.ts";

const MAX_EVALUATORS = 100;
/** Longest time that timers can wait. */
const MAX_MS = 2 ** 31 - 1;
const KEYS = [
  "name",
  "on",
  "mode",
  "required",
  "sample",
  "timeoutMs",
  "onFail",
  "onStream",
  "sources",
] as const;
const MAX_WINDOW = 1_000_000;
const METHOD = "evaluate";

/** An evaluator with every default filled in. */
export type CheckedEvaluator = Required<Evaluator>;

/**
 * Checks at most 100 evaluators with different names. They are copied: what was checked is what is
 * used, and a getter cannot throw in the middle of a call.
 * @throws {ConfigError} `BR9001`
 */
export function checkEvaluators(
  path: string,
  given: readonly Evaluator[],
): readonly CheckedEvaluator[] {
  const places = new Map<string, string>();
  return checkArray(path, given, MAX_EVALUATORS).map((value, index) => {
    const place = `${path}[${index}]`;
    checkMethods(place, value, [METHOD]);
    const evaluator = checkEvaluator(place, readEvaluator(place, value), value as Evaluator);
    const earlier = places.get(evaluator.name);
    if (earlier !== undefined) {
      const expected = `a name of its own: ${earlier} has the same`;
      throw optionError(`${place}.name`, evaluator.name, expected);
    }
    places.set(evaluator.name, place);
    return evaluator;
  });
}

/** One of a class may keep fields of its own; in a plain object they are misspelt options. */
function readEvaluator(path: string, value: unknown): Readonly<Record<string, unknown>> {
  try {
    const known = KEYS.map((key) => [key, (value as Evaluator)[key]] as const);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      refuseUnknownKeys(path, checkObject(path, value), [...KEYS, METHOD]);
    }
    return Object.fromEntries(known.filter(([, held]) => held !== undefined));
  } catch (error) {
    throw isGuardError(error) ? error : optionError(path, value, "an evaluator that can be read");
  }
}

/** What cannot hold up a result must not say that it does. */
function checkEvaluator(
  path: string,
  given: Readonly<Record<string, unknown>>,
  evaluator: Evaluator,
): CheckedEvaluator {
  const { name, on, mode = "inline", sample = 1, timeoutMs = 10_000 } = given;
  const { required: requires = false, onStream = "end", sources = false } = given;
  const required = checkBoolean(`${path}.required`, requires);
  const { onFail = required ? "refuse" : "record" } = given;
  const checked: CheckedEvaluator = {
    name: checkString(`${path}.name`, name),
    on: checkOneOf(`${path}.on`, on, ["model", "tool", "task"]),
    mode: checkOneOf(`${path}.mode`, mode, ["inline", "background"]),
    required,
    sample: checkFraction(`${path}.sample`, sample, { allowZero: true }),
    timeoutMs: checkWholeNumber(`${path}.timeoutMs`, timeoutMs, { min: 1, max: MAX_MS }),
    onFail: checkOneOf(`${path}.onFail`, onFail, ["refuse", "record"]),
    onStream: checkOnStream(`${path}.onStream`, onStream, { mode, onFail, on }),
    sources: checkBoolean(`${path}.sources`, sources),
    evaluate: (input) => evaluator.evaluate(input),
  };
  if (checked.mode === "inline") return checked;
  if (required) {
    throw optionError(`${path}.required`, true, "false in the background, where it is too late");
  }
  if (checked.onFail === "refuse") {
    throw optionError(`${path}.onFail`, onFail, '"record" in the background, where it is too late');
  }
  return checked;
}

/** To hold a stream back for a verdict that refuses nothing would only be slow. */
function checkOnStream(
  path: string,
  given: unknown,
  { mode, onFail, on }: Readonly<Record<"mode" | "onFail" | "on", unknown>>,
): Required<Evaluator>["onStream"] {
  if (given === "end") return given;
  if (mode !== "inline" || onFail !== "refuse" || on !== "model") {
    const expected = '"end" for one that is not inline with onFail: "refuse" on models';
    throw optionError(path, given, expected);
  }
  if (typeof given === "string") return checkOneOf(path, given, ["hold"]);
  const { window } = checkObject(path, given);
  refuseUnknownKeys(path, checkObject(path, given), ["window"]);
  return { window: checkWholeNumber(`${path}.window`, window, { min: 1, max: MAX_WINDOW }) };
}
