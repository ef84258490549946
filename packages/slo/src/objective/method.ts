import {
  checkFraction,
  checkObject,
  checkOneOf,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkDuration, HOUR_MS, MINUTE_MS } from "./duration.ts";

/** What a slice without events counts as. */
export type NoDataPolicy = "ignore" | "good" | "bad";

/** How a budget is counted. */
export type Method =
  /** Good events ÷ all events. */
  | { readonly kind: "occurrences" }
  /** Good slices ÷ all slices; a slice is good when its share of good events reaches `target`. */
  | {
      readonly kind: "time-slices";
      readonly sliceMs: number;
      readonly target: number;
      readonly noData: NoDataPolicy;
    }
  /** The mean of the slices' shares of good events: a quiet hour weighs as much as a busy one. */
  | {
      readonly kind: "ratio-time-slices";
      readonly sliceMs: number;
      readonly noData: NoDataPolicy;
    };

/** What `method` takes. */
export type MethodOption =
  | "occurrences"
  | {
      readonly timeSlices: {
        readonly every: string;
        readonly target: number;
        readonly noData?: NoDataPolicy;
      };
    }
  | { readonly ratioTimeSlices: { readonly every: string; readonly noData?: NoDataPolicy } };

const BOUNDS = { minMs: MINUTE_MS, maxMs: HOUR_MS };

/** @throws {ConfigError} `BR9001` */
export function checkMethod(path: string, given: unknown): Method {
  if (given === undefined || given === "occurrences") return { kind: "occurrences" };
  if (typeof given === "string") {
    throw optionError(path, given, '"occurrences", { timeSlices } or { ratioTimeSlices }');
  }
  const method = checkObject(path, given);
  refuseUnknownKeys(path, method, ["timeSlices", "ratioTimeSlices"]);
  const isRatio = method["ratioTimeSlices"] !== undefined;
  if (isRatio === (method["timeSlices"] !== undefined)) {
    throw optionError(path, given, "an object with timeSlices or ratioTimeSlices");
  }
  const name = isRatio ? "ratioTimeSlices" : "timeSlices";
  const slices = checkObject(`${path}.${name}`, method[name]);
  refuseUnknownKeys(`${path}.${name}`, slices, ["every", "noData", ...(isRatio ? [] : ["target"])]);
  const sliceMs = checkDuration(`${path}.${name}.every`, slices["every"], BOUNDS);
  const policies = ["ignore", "good", "bad"] as const;
  const noData = checkOneOf(`${path}.${name}.noData`, slices["noData"] ?? "ignore", policies);
  if (isRatio) return { kind: "ratio-time-slices", sliceMs, noData };
  const target = checkFraction(`${path}.${name}.target`, slices["target"]);
  return { kind: "time-slices", sliceMs, target, noData };
}
