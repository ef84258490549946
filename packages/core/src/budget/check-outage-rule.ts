import {
  checkObject,
  checkOneOf,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import type { BudgetUnit, StoreOutageRule } from "../ledger/ledger.ts";

const WORDS = ["deny", "use-lease"] as const;

/**
 * Checks what a budget lets through while the store does not answer. Left out: `deny` where money
 * is at stake, `use-lease` for tokens and calls.
 * @throws {ConfigError} `BR9001`
 */
export function checkOutageRule(path: string, value: unknown, unit: BudgetUnit): StoreOutageRule {
  if (value === undefined) return defaultOutageRule(unit);
  if (typeof value === "string") return checkOneOf(path, value, WORDS);
  if (typeof value !== "object" || value === null) {
    throw optionError(path, value, '"deny", "use-lease" or { allow: a number of calls }');
  }
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["allow"]);
  return { allow: checkWholeNumber(`${path}.allow`, given["allow"], { min: 1 }) };
}

/** Money is refused when nobody can say what is left of it. */
export function defaultOutageRule(unit: BudgetUnit): StoreOutageRule {
  return unit === "usd" ? "deny" : "use-lease";
}
