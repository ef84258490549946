import { checkObject, checkOneOf, checkString, refuseUnknownKeys } from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import type { BudgetMatch } from "./budget.ts";

const GLOBS = ["model", "provider", "tool"] as const;
const NAMES = ["org", "team", "user", "agent", "environment"] as const;
const KINDS = ["model", "tool"] as const;
const PURPOSES = ["agent", "evaluation"] as const;
const KEYS = ["kind", ...GLOBS, ...NAMES, "purpose"] as const;

/** Wildcards of other glob dialects. Taken literally they would match nothing, in silence. */
const FOREIGN_WILDCARD = /[?[\]{}\\]/;

/** Whether a pattern uses wildcards that ours does not know. */
export function isForeignGlob(text: string): boolean {
  return FOREIGN_WILDCARD.test(text);
}

/**
 * Checks a budget's `match`. `model`, `provider` and `tool` are globs with `*` only; the others are
 * exact (and `agent` a path prefix), so a `*` in them is refused rather than never matched.
 * @throws {ConfigError} `BR9001`
 */
export function checkMatch(path: string, value: unknown): BudgetMatch {
  if (value === undefined) return {};
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, KEYS);
  const checked: Record<string, string> = {};
  for (const [key, field] of Object.entries(given)) {
    checked[key] = checkField(`${path}.${key}`, key as (typeof KEYS)[number], field);
  }
  return checked;
}

function checkField(path: string, key: (typeof KEYS)[number], value: unknown): string {
  if (key === "kind") return checkOneOf(path, value, KINDS);
  if (key === "purpose") return checkOneOf(path, value, PURPOSES);
  const text = checkString(path, value);
  const isGlob = (GLOBS as readonly string[]).includes(key);
  if (isGlob && isForeignGlob(text)) {
    throw optionError(path, value, "a name in which * is the only wildcard");
  }
  if (!isGlob && text.includes("*")) {
    throw optionError(path, value, "an exact name: only model, provider and tool take *");
  }
  return text;
}
