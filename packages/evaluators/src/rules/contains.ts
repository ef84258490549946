import { checkArray, checkBoolean, checkString, optionError } from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  inconclusive,
  type RuleEvaluator,
  type Verdict,
} from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, scored } from "../rule.ts";
import { findParts } from "../text/find-parts.ts";
import { foldCase } from "../text/fold-case.ts";

/**
 * Options of {@link contains}. Without any list, the call's `expected` text or texts are wanted.
 */
export interface ContainsOptions extends EvaluatorOptions {
  /** Every one of these must be there. */
  readonly all?: readonly string[];
  /** At least one of these must be there. */
  readonly any?: readonly string[];
  /** None of these may be there. */
  readonly none?: readonly string[];
  /** Small and capital letters are the same (default true). */
  readonly ignoreCase?: boolean;
}

const LISTS = ["all", "any", "none"] as const;
const MAX_TEXTS = 100;
const MAX_LENGTH = 10_000;

type Wanted = Readonly<Record<(typeof LISTS)[number], readonly string[]>>;

/**
 * Whether texts are in the output. The score is the share of conditions met: each of `all`, each of
 * `none`, and `any` as one.
 *
 * Sees: letters, after Unicode composition (NFC). Does not see: `not refundable` when `refundable`
 * is wanted.
 * @throws {ConfigError} `BR9001`
 */
export function contains(options: ContainsOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("contains", options, [...LISTS, "ignoreCase"]);
  const ignoreCase = checkBoolean("contains().ignoreCase", options.ignoreCase ?? true);
  const fold = (text: string): string => (ignoreCase ? foldCase(text) : text.normalize("NFC"));
  const fixed: Wanted = { all: textsOf("all"), any: textsOf("any"), none: textsOf("none") };
  const isFixed = LISTS.some((list) => fixed[list].length > 0);
  const judge = (text: string, given: EvaluatorInput): Verdict => {
    const wanted = isFixed ? fixed : fromExpected(given.expected);
    if (wanted === undefined) return inconclusive(`no expected texts, or more than ${MAX_TEXTS}`);
    const parts = LISTS.flatMap((list) => wanted[list].map(fold));
    const found = findParts(fold(text), parts);
    return compare(wanted, (part) => found.has(fold(part)));
  };
  const isBan = isFixed && fixed.all.length + fixed.any.length === 0;
  return defineTextRule(run, judge, () => isBan);

  function textsOf(list: (typeof LISTS)[number]): readonly string[] {
    const given = options[list];
    if (given === undefined) return [];
    const texts = checkArray(`contains().${list}`, given, MAX_TEXTS);
    if (texts.length === 0) throw optionError(`contains().${list}`, given, "at least one text");
    return texts.map((text, at) => checkString(`contains().${list}[${at}]`, text, MAX_LENGTH));
  }
}

function fromExpected(expected: unknown): Wanted | undefined {
  const all: readonly unknown[] = Array.isArray(expected) ? expected : [expected];
  if (all.length === 0 || all.length > MAX_TEXTS || !all.every(isText)) return undefined;
  return { all, any: [], none: [] };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function compare({ all, any, none }: Wanted, has: (part: string) => boolean) {
  const lost = all.filter((part) => !has(part)).length;
  const found = none.filter(has).length;
  const anyLost = any.length > 0 && !any.some(has);
  const conditions = all.length + none.length + (any.length > 0 ? 1 : 0);
  const wrong = lost + found + (anyLost ? 1 : 0);
  const reason = `${lost} of ${all.length} wanted texts missing, ${found} of ${none.length} unwanted found${anyLost ? ", none of the alternatives" : ""}`;
  return scored(1 - wrong / conditions, wrong === 0, wrong === 0 ? "match" : "mismatch", reason);
}
