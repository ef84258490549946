import { type Clock, systemClock } from "@burnrate/core";
import {
  checkArray,
  checkFraction,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  optionError,
} from "@burnrate/core/adapter";
import type { EvaluatorOptions, TextEvaluator } from "../evaluator.ts";
import { checkRuleOptions } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { MAX_MS } from "../with-deadline.ts";
import type { BagField, BagValues } from "./bag.ts";

/** Which end of a foreign score is the good one. */
export type Direction = "maximize" | "minimize";

/** Options of `fromAutoevals`, `fromOpenevals`, `fromLangfuse` and `fromPhoenix`. */
export interface ForeignOptions extends EvaluatorOptions {
  /**
   * `maximize`: its high scores are good; `minimize`: bad, as of a "hallucination" of 1. Required
   * where the library does not say: by name alone one may guess wrong.
   */
  readonly direction?: Direction;
  /**
   * Least score that passes, from 0 (worst) to 1 (best) after direction and range (default 0.5).
   */
  readonly threshold?: number;
  /** Its worst and best score, lower first, where they are not 0 and 1. */
  readonly range?: readonly [low: number, high: number];
  /** What categories are worth, from 0 (worst) to 1 (best). Any other category is inconclusive. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Of several results the one with this name. */
  readonly pick?: string;
  /** Several results as one; any that was not measured leaves it inconclusive. */
  readonly combine?: "lowest" | "mean";
  /**
   * Without these it is not called, and inconclusive (default: what is known of it). `context` asks
   * a guard for its sources.
   */
  readonly requires?: readonly BagField[];
  /** `text` (default): messages and content parts as their text; `as-given`: as they are. */
  readonly values?: BagValues;
  /** For the deadline `timeoutMs` (default: the machine's clocks). */
  readonly clock?: Clock;
}

/** What a library says of an evaluator by itself. */
export interface KnownEvaluator {
  readonly name?: string | undefined;
  readonly direction?: Direction | undefined;
  readonly requires?: readonly BagField[] | undefined;
}

/** Options with every default filled in. */
export interface CheckedForeign {
  readonly run: Omit<TextEvaluator, "evaluate"> & { readonly timeoutMs: number };
  readonly direction: Direction | undefined;
  readonly threshold: number;
  readonly range: readonly [number, number];
  readonly scores: ReadonlyMap<string, number>;
  readonly pick: string | undefined;
  readonly combine: "lowest" | "mean" | undefined;
  readonly requires: readonly BagField[];
  readonly values: BagValues;
  readonly clock: Clock;
}

const KEYS = [
  "direction",
  "threshold",
  "range",
  "scores",
  "pick",
  "combine",
  "requires",
  "values",
  "clock",
] as const;
const FIELDS: readonly BagField[] = ["input", "expected", "context"];

/** @throws {ConfigError} `BR9001` */
export function checkForeignOptions(
  factory: string,
  options: ForeignOptions,
  known: KnownEvaluator,
): CheckedForeign {
  const run = checkRuleOptions(factory, options, KEYS);
  const at = (key: string): string => `${factory}().${key}`;
  const { pick, combine, scores = {}, range = [0, 1], clock = systemClock } = options;
  const direction = options.direction ?? known.direction;
  if (direction !== undefined) checkOneOf(at("direction"), direction, ["maximize", "minimize"]);
  else if (options.scores === undefined) {
    const expected = '"maximize" or "minimize": nothing says whether its high scores are good';
    throw optionError(at("direction"), direction, expected);
  }
  if (pick !== undefined) checkString(at("pick"), pick);
  if (combine !== undefined) checkOneOf(at("combine"), combine, ["lowest", "mean"]);
  if (pick !== undefined && combine !== undefined) {
    throw optionError(at("combine"), combine, "absent beside pick");
  }
  checkMethods(at("clock"), clock, ["setTimer"]);
  const bounds = { min: 1, max: MAX_MS };
  const timeoutMs = checkWholeNumber(at("timeoutMs"), options.timeoutMs ?? 10_000, bounds);
  const requires = checkRequires(at("requires"), options.requires ?? known.requires ?? []);
  const sources = requires.includes("context");
  return {
    run: { ...run, name: checkName(factory, options.name ?? known.name), timeoutMs, sources },
    direction,
    threshold: checkThreshold(factory, options.threshold ?? 0.5),
    range: checkRange(at("range"), range),
    scores: checkScores(at("scores"), scores),
    pick,
    combine,
    requires,
    values: checkOneOf(at("values"), options.values ?? "text", ["text", "as-given"]),
    clock,
  };
}

function checkName(factory: string, name: unknown): string {
  const path = `${factory}().name`;
  if (name !== undefined) return checkString(path, name);
  throw optionError(path, name, "a name: the evaluator has none of its own");
}

function checkRequires(path: string, value: unknown): readonly BagField[] {
  return checkArray(path, value).map((field, at) => checkOneOf(`${path}[${at}]`, field, FIELDS));
}

function checkRange(path: string, value: unknown): readonly [number, number] {
  const [low, high, ...more] = checkArray(path, value, 2);
  if (Number.isFinite(low) && Number.isFinite(high) && more.length === 0) {
    if ((low as number) < (high as number)) return [low as number, high as number];
  }
  throw optionError(path, value, "two numbers, the lower first");
}

function checkScores(path: string, value: unknown): ReadonlyMap<string, number> {
  const entries = Object.entries(checkObject(path, value));
  return new Map(
    entries.map(([category, score]) => [
      category,
      checkFraction(`${path}.${category}`, score, { allowZero: true }),
    ]),
  );
}
