import { checkObject, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import { plainText, scaled } from "./target.ts";

/** Which values are good: exactly one field. */
export interface ThresholdOption {
  /** Milliseconds, for `latency`, `time_to_first_token` and `task_duration`. */
  readonly maxMs?: number;
  /** Dollars, for `cost_per_task`. */
  readonly maxUsd?: number | string;
  /** For `delegation_depth` and what the application measures. */
  readonly max?: number;
  /** For what the application measures, where more is better. */
  readonly min?: number;
}

/**
 * A checked threshold in the unit of its indicator: milliseconds, nano-dollars or a plain number.
 */
export interface Threshold {
  readonly good: "at-most" | "at-least";
  readonly value: number;
  readonly unit: "ms" | "nanoUsd" | "1";
}

const UNITS: ReadonlyMap<string, keyof ThresholdOption> = new Map([
  ["latency", "maxMs"],
  ["time_to_first_token", "maxMs"],
  ["task_duration", "maxMs"],
  ["cost_per_task", "maxUsd"],
  ["delegation_depth", "max"],
]);

/** Indicators of the guard that carry a value, so that only a threshold tells good from bad. */
export const MEASURED: readonly string[] = [...UNITS.keys()];

const FIELDS = ["maxMs", "maxUsd", "max", "min"] as const;

/**
 * Checks a threshold against its indicator, so that no cost is compared with milliseconds.
 * @throws {ConfigError} `BR9001`
 */
export function checkThreshold(
  path: string,
  given: unknown,
  sli: string,
  isCounted: boolean,
): Threshold | undefined {
  const wanted = UNITS.get(sli);
  if (given === undefined) {
    if (wanted === undefined) return undefined;
    throw optionError(path, given, `{ ${wanted}: … }, because ${sli} carries values`);
  }
  if (isCounted) {
    throw optionError(path, given, `left out, because ${sli} is good or bad by itself`);
  }
  const threshold = checkObject(path, given);
  refuseUnknownKeys(path, threshold, FIELDS);
  const [field, ...more] = FIELDS.filter((key) => threshold[key] !== undefined);
  if (field === undefined || more.length > 0 || (wanted !== undefined && field !== wanted)) {
    const fields = wanted ?? "maxMs, maxUsd, max or min";
    throw optionError(path, given, `an object with exactly one field, ${fields}, for ${sli}`);
  }
  const value = toNumber(`${path}.${field}`, field, threshold[field]);
  const unit = field === "maxMs" ? "ms" : field === "maxUsd" ? "nanoUsd" : "1";
  return Object.freeze({ good: field === "min" ? "at-least" : "at-most", value, unit });
}

/** Whether a value keeps a threshold. */
export function isGood({ good, value }: Threshold, measured: number): boolean {
  return good === "at-most" ? measured <= value : measured >= value;
}

function toNumber(path: string, field: keyof ThresholdOption, given: unknown): number {
  if (field === "maxUsd") return toNanoUsd(path, given);
  const isDuration = field === "maxMs";
  const isNumber = typeof given === "number" && Number.isFinite(given);
  if (isNumber && (given > 0 || !isDuration)) return given;
  throw optionError(path, given, isDuration ? "milliseconds above 0" : "a finite number");
}

function toNanoUsd(path: string, given: unknown): number {
  const text = typeof given === "number" ? plainText(given) : given;
  const isDecimal = typeof text === "string" && /^\d{1,7}(\.\d{1,9})?$/.test(text);
  const nano = isDecimal ? scaled(text, 9) : undefined;
  if (nano !== undefined && nano > 0n && nano <= Number.MAX_SAFE_INTEGER) return Number(nano);
  throw optionError(path, given, "dollars above 0 with at most 9 decimals");
}
