import {
  checkArray,
  checkBoolean,
  checkObject,
  checkString,
  optionError,
  quote,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkObjective, OBJECTIVE_KEYS } from "./create-objective.ts";
import { checkMade } from "./made.ts";
import type { Objective, ObjectiveOptions } from "./objective.ts";

/** As many as an engine takes. */
const MAX_DRAFTS = 100_000;
/** Longer chains nobody can follow, nor could the call stack. */
const MAX_CHAIN = 100;

/** What an objective takes over, and what it says itself. */
export type ObjectiveDraft = Partial<ObjectiveOptions> & {
  readonly name: string;
  /** The name of another draft of the same list. */
  readonly extends?: string;
  /** Whether it is only there to be extended (default false). */
  readonly abstract?: boolean;
};

/**
 * Makes an objective like another, with some options changed.
 * @example
 * extendObjective(base, { name: "refunds in Germany", match: { agent: "refunds/de" } });
 * @throws {ConfigError} `BR9001`
 */
export function extendObjective(
  base: Objective,
  changes: Partial<ObjectiveOptions> & { readonly name: string },
): Objective {
  checkMade("extendObjective.base", base, ["objective"]);
  const given = checkObject("extendObjective", changes);
  return checkObjective("extendObjective", { ...base.options, ...given });
}

/**
 * Makes objectives from drafts that take options over from each other by name, in any order. What a
 * draft says replaces what it takes over, option by option.
 * @throws {ConfigError} `BR9001` for a cycle, an unknown base, or a name that is used twice.
 */
export function inheritObjectives(drafts: readonly ObjectiveDraft[]): readonly Objective[] {
  const byName = new Map<string, ObjectiveDraft>();
  for (const [index, draft] of checkArray("inheritObjectives", drafts, MAX_DRAFTS).entries()) {
    const path = `inheritObjectives[${index}]`;
    const given = checkObject(path, draft) as unknown as ObjectiveDraft;
    refuseUnknownKeys(path, { ...given }, [...OBJECTIVE_KEYS, "extends", "abstract"]);
    const name = checkString(`${path}.name`, given.name);
    if (given.abstract !== undefined) checkBoolean(`${path}.abstract`, given.abstract);
    if (byName.has(name)) throw optionError(`${path}.name`, name, "unique: it is used twice");
    byName.set(name, given);
  }
  const made = new Map<string, Record<string, unknown>>();
  for (const name of byName.keys()) resolve(name, byName, made, []);
  return [...made]
    .filter(([name]) => byName.get(name)?.abstract !== true)
    .map(([, options]) => checkObjective("objective", options));
}

function resolve(
  name: string,
  byName: ReadonlyMap<string, ObjectiveDraft>,
  made: Map<string, Record<string, unknown>>,
  above: readonly string[],
): Record<string, unknown> {
  const known = made.get(name);
  if (known !== undefined) return known;
  const { extends: base, abstract: _, ...own } = byName.get(name) as ObjectiveDraft;
  if (above.includes(name)) {
    const cycle = [...above.slice(above.indexOf(name)), name].map(quote).join(" → ");
    throw optionError(`objective ${quote(name)}.extends`, base, `free of cycles (${cycle})`);
  }
  let inherited: Record<string, unknown> = {};
  if (above.length >= MAX_CHAIN) {
    const expected = `at the end of a chain of at most ${MAX_CHAIN}`;
    throw optionError(`objective ${quote(name)}.extends`, base, expected);
  }
  if (base !== undefined) {
    if (!byName.has(base)) {
      throw optionError(`objective ${quote(name)}.extends`, base, "the name of another objective");
    }
    inherited = resolve(base, byName, made, [...above, name]);
  }
  const options = { ...inherited, ...own };
  made.set(name, options);
  return options;
}
