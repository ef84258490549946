import { checkObject, checkOneOf, refuseUnknownKeys } from "../config/check-object.ts";
import type { BudgetMatch } from "./budget.ts";
import { checkScopeField, refuseBothKinds } from "./scope-field.ts";

const KINDS = ["model", "tool"] as const;
const PURPOSES = ["agent", "evaluation"] as const;
const KEYS: readonly (keyof BudgetMatch)[] = [
  "kind",
  "model",
  "provider",
  "tool",
  "org",
  "team",
  "user",
  "agent",
  "environment",
  "purpose",
];

/**
 * Checks a budget's or limit's `match`.
 * @throws {ConfigError} `BR9001`
 */
export function checkMatch(path: string, value: unknown): BudgetMatch {
  if (value === undefined) return {};
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, KEYS);
  const checked: Record<string, string> = {};
  for (const [key, field] of Object.entries(given)) {
    checked[key] = checkField(`${path}.${key}`, key, field);
  }
  refuseBothKinds(path, checked);
  return checked;
}

function checkField(path: string, key: string, value: unknown): string {
  if (key === "kind") return checkOneOf(path, value, KINDS);
  if (key === "purpose") return checkOneOf(path, value, PURPOSES);
  return checkScopeField(path, key, value);
}
