import {
  checkObject,
  checkOneOf,
  checkTimeZone,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkDuration, DAY_MS, durationText, durationWords, HOUR_MS } from "./duration.ts";

/** Periods of calendar windows; weeks begin on Monday. */
export type CalendarPeriod = "day" | "week" | "month" | "quarter" | "year";

/** The time over which a budget is counted. */
export type ObjectiveWindow =
  | { readonly kind: "rolling"; readonly lengthMs: number }
  | {
      readonly kind: "calendar";
      readonly period: CalendarPeriod;
      readonly timeZone: string;
      /** What rules are scaled by: 30 days for a month, 90 for a quarter. */
      readonly lengthMs: number;
    };

/** What `window` takes: `"30d"`, `{ rolling: "30d" }`, `"month"` or `{ calendar, timeZone }`. */
export type ObjectiveWindowOption =
  | string
  | { readonly rolling: string }
  | { readonly calendar: CalendarPeriod; readonly timeZone?: string };

const DAYS = { day: 1, week: 7, month: 30, quarter: 90, year: 365 } as const;
const PERIODS = Object.keys(DAYS) as readonly CalendarPeriod[];
const BOUNDS = { minMs: HOUR_MS, maxMs: 400 * DAY_MS };

/** @throws {ConfigError} `BR9001` */
export function checkObjectiveWindow(path: string, given: unknown): ObjectiveWindow {
  if (typeof given === "string") {
    const period = PERIODS.find((name) => name === given);
    if (period !== undefined) return calendar(period, "UTC");
    if (!/^\d/.test(given)) {
      const periods = PERIODS.join(", ");
      throw optionError(path, given, `a duration such as "30d", or a calendar period: ${periods}`);
    }
    return { kind: "rolling", lengthMs: checkDuration(path, given, BOUNDS) };
  }
  if (typeof given !== "object" || given === null) {
    throw optionError(path, given, 'a duration such as "30d", or { calendar, timeZone }');
  }
  const window = checkObject(path, given);
  refuseUnknownKeys(path, window, ["rolling", "calendar", "timeZone"]);
  if (window["rolling"] !== undefined) {
    if (Object.keys(window).length > 1) {
      throw optionError(path, given, "either { rolling } or { calendar, timeZone }");
    }
    const lengthMs = checkDuration(`${path}.rolling`, window["rolling"], BOUNDS);
    return { kind: "rolling", lengthMs };
  }
  const period = checkOneOf(`${path}.calendar`, window["calendar"], PERIODS);
  return calendar(period, checkTimeZone(path, window["timeZone"] ?? "UTC"));
}

function calendar(period: CalendarPeriod, timeZone: string): ObjectiveWindow {
  return { kind: "calendar", period, timeZone, lengthMs: DAYS[period] * DAY_MS };
}

/** Its key in `burn`: `"30d"`, or the name of its calendar period. */
export function windowKey(window: ObjectiveWindow): string {
  return window.kind === "rolling" ? durationText(window.lengthMs) : window.period;
}

/** For sentences, before a noun: `"30-day"`, `"month's"`. */
export function windowWords(window: ObjectiveWindow): string {
  if (window.kind === "calendar") return `${window.period}'s`;
  const [amount = "", unit] = durationWords(window.lengthMs).split(" ");
  return unit === undefined ? `1-${amount}` : `${amount}-${unit.slice(0, -1)}`;
}
