import { checkObject, checkOneOf, refuseUnknownKeys } from "../config/check-object.ts";
import { nearest } from "../config/nearest.ts";
import { optionError } from "../config/option-error.ts";
import type { BudgetWindow, WindowName } from "./budget.ts";

/** Every word for a window, in the order in which errors list them. */
export const WINDOW_NAMES: readonly WindowName[] = [
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "call",
  "task",
  "session",
  "total",
];

const CALENDARS = ["day", "week", "month"] as const;
/** How errors show a window with a time zone. */
const CALENDAR_SHAPE = 'an object such as { calendar: "day", timeZone: "Europe/Berlin" }';

/** Current names that `Intl.supportedValuesOf` leaves out in favour of older ones. */
const MORE_ZONES = [
  "UTC",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Ho_Chi_Minh",
  "Asia/Yangon",
  "Europe/Kyiv",
] as const;

/**
 * What a window's name means: minute and hour roll; day, week and month are calendar ones in UTC.
 */
export function windowFromName(name: WindowName): BudgetWindow {
  switch (name) {
    case "minute":
      return { kind: "rolling", name, lengthMs: 60_000 };
    case "hour":
      return { kind: "rolling", name, lengthMs: 3_600_000 };
    case "day":
    case "week":
    case "month":
      return { kind: "calendar", calendar: name, timeZone: "UTC" };
    default:
      return { kind: name };
  }
}

/**
 * Checks a budget's `window`: a name, or `{ calendar, timeZone }`.
 * @throws {ConfigError} `BR9001`
 */
export function checkWindow(path: string, value: unknown): BudgetWindow {
  if (typeof value !== "object" || value === null) {
    return windowFromName(checkOneOf(path, value, WINDOW_NAMES, CALENDAR_SHAPE));
  }
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["calendar", "timeZone"]);
  const calendar = checkOneOf(`${path}.calendar`, given["calendar"], CALENDARS);
  const { timeZone = "UTC" } = given;
  return { kind: "calendar", calendar, timeZone: checkTimeZone(path, timeZone) };
}

/**
 * A time zone that this machine knows.
 * @throws {ConfigError} `BR9001` naming the nearest.
 */
export function checkTimeZone(path: string, value: unknown): string {
  const zonePath = `${path}.timeZone`;
  const expected = 'an IANA time zone, such as "Europe/Berlin"';
  if (typeof value !== "string") throw optionError(zonePath, value, expected);
  try {
    const { timeZone } = new Intl.DateTimeFormat("en-US", { timeZone: value }).resolvedOptions();
    return timeZone === "UTC" ? "UTC" : value;
  } catch {
    const zones = [...MORE_ZONES, ...Intl.supportedValuesOf("timeZone")];
    throw optionError(zonePath, value, expected, { nearest: nearest(value, zones) });
  }
}
