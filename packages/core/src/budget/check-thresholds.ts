import {
  checkArray,
  checkFraction,
  checkObject,
  checkOneOf,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import type { BudgetThreshold } from "./budget.ts";

const ACTIONS = ["alert", "kill"] as const;
const MAX_THRESHOLDS = 100;

/** What a budget does when it does not say `at`. */
export const DEFAULT_THRESHOLDS: readonly BudgetThreshold[] = Object.freeze(
  [0.5, 0.75, 0.9, 0.95].map((fraction) => Object.freeze({ fraction, do: "alert" as const })),
);

/**
 * Checks a budget's `at` and sorts it, the lowest first and an alert before a kill, each once. An
 * empty list means no thresholds.
 * @throws {ConfigError} `BR9001`
 */
export function checkThresholds(path: string, value: unknown): readonly BudgetThreshold[] {
  if (value === undefined) return DEFAULT_THRESHOLDS;
  const thresholds = checkArray(path, value, MAX_THRESHOLDS)
    .map((entry, index) => checkThreshold(`${path}[${index}]`, entry))
    .sort((a, b) => a.fraction - b.fraction || ACTIONS.indexOf(a.do) - ACTIONS.indexOf(b.do));
  return thresholds.filter((threshold, index) => {
    const before = thresholds[index - 1];
    return before?.fraction !== threshold.fraction || before.do !== threshold.do;
  });
}

function checkThreshold(path: string, value: unknown): BudgetThreshold {
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["fraction", "do"]);
  return {
    fraction: checkFraction(`${path}.fraction`, given["fraction"]),
    do: checkOneOf(`${path}.do`, given["do"], ACTIONS),
  };
}
