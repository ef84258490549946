import {
  checkArray,
  checkFraction,
  checkObject,
  checkOneOf,
  checkString,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import type { BudgetThreshold, ThresholdAction } from "./budget.ts";

const ACTIONS = ["alert", "throttle", "kill"] as const;
const MAX_THRESHOLDS = 100;
const MAX_KEY = 200;
/** Longest time that timers can wait. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** What a budget does when it does not say `at`. */
export const DEFAULT_THRESHOLDS: readonly BudgetThreshold[] = Object.freeze(
  [0.5, 0.75, 0.9, 0.95].map((fraction) => Object.freeze({ fraction, do: "alert" as const })),
);

/**
 * Checks a budget's `at` and sorts it, the lowest first and the mildest before the harder, each
 * once. An empty list means no thresholds.
 * @throws {ConfigError} `BR9001`
 */
export function checkThresholds(path: string, value: unknown): readonly BudgetThreshold[] {
  if (value === undefined) return DEFAULT_THRESHOLDS;
  const thresholds = checkArray(path, value, MAX_THRESHOLDS)
    .map((entry, index) => checkThreshold(`${path}[${index}]`, entry))
    .sort((a, b) => a.fraction - b.fraction || severity(a.do) - severity(b.do));
  return thresholds.filter((threshold, index) => {
    const before = thresholds[index - 1];
    if (before?.fraction !== threshold.fraction) return true;
    if (severity(before.do) !== severity(threshold.do)) return true;
    if (isSame(before, threshold)) return false;
    throw optionError(path, value, "one downgrade, and one throttle, at each fraction");
  });
}

function checkThreshold(path: string, value: unknown): BudgetThreshold {
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["fraction", "do", "maxDelayMs"]);
  const fraction = checkFraction(`${path}.fraction`, given["fraction"]);
  const action = checkAction(`${path}.do`, given["do"]);
  const { maxDelayMs } = given;
  if (maxDelayMs === undefined) return { fraction, do: action };
  if (action !== "throttle") {
    throw optionError(`${path}.maxDelayMs`, maxDelayMs, 'left out unless do is "throttle"');
  }
  if (typeof maxDelayMs === "number" && maxDelayMs >= 0 && maxDelayMs <= MAX_DELAY_MS) {
    return { fraction, do: action, maxDelayMs };
  }
  throw optionError(`${path}.maxDelayMs`, maxDelayMs, "milliseconds from 0 to 2147483647");
}

function checkAction(path: string, value: unknown): ThresholdAction {
  if (typeof value !== "object" || value === null) {
    return checkOneOf(path, value, ACTIONS, "{ downgrade: key }");
  }
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["downgrade"]);
  return { downgrade: checkString(`${path}.downgrade`, given["downgrade"], MAX_KEY) };
}

/** What changes nothing comes first; what stops comes last. */
function severity(action: ThresholdAction): number {
  return typeof action === "object" ? 0.5 : ACTIONS.indexOf(action);
}

function isSame(a: BudgetThreshold, b: BudgetThreshold): boolean {
  if (typeof a.do === "object" && typeof b.do === "object") {
    return a.do.downgrade === b.do.downgrade;
  }
  return a.do === b.do && a.maxDelayMs === b.maxDelayMs;
}
