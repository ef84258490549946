import {
  checkArray,
  checkBoolean,
  checkObject,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { CalendarPeriod, ObjectiveWindowOption } from "../objective/objective-window.ts";

/** How OpenSLO writes our calendar periods. */
export const CALENDAR: Readonly<Record<CalendarPeriod, string>> = {
  day: "1d",
  week: "1w",
  month: "1M",
  quarter: "1Q",
  year: "1Y",
};
/**
 * A library that takes it for a timestamp writes it as one; the time is that of `timeZone` all the
 * same.
 */
const START = /^(\d{4}-\d\d-\d\d)(?:[ T]00:00(?::00(?:\.0+)?(?:Z|\+00:00)?)?)?$/;

/**
 * Reads `timeWindow`: exactly one, rolling or aligned with the calendar. @throws {ConfigError}
 * `BR9001`
 */
export function readWindow(path: string, value: unknown): ObjectiveWindowOption {
  const all = checkArray(path, value ?? [], 100);
  if (all.length !== 1)
    throw optionError(path, value, "one window, such as [{ duration: 30d, isRolling: true }]");
  const at = `${path}[0]`;
  const window = checkObject(at, all[0]);
  refuseUnknownKeys(at, window, ["duration", "isRolling", "calendar"]);
  const duration = checkString(`${at}.duration`, window["duration"]);
  const isRolling =
    window["isRolling"] === undefined
      ? window["calendar"] === undefined
      : checkBoolean(`${at}.isRolling`, window["isRolling"]);
  if (!isRolling) return readCalendar(at, duration, window["calendar"]);
  if (window["calendar"] !== undefined) {
    throw optionError(`${at}.calendar`, window["calendar"], "left out, because the window rolls");
  }
  if (/[MQY]$/.test(duration)) {
    throw optionError(`${at}.duration`, duration, 'in days or weeks when it rolls, such as "30d"');
  }
  return { rolling: duration };
}

function readCalendar(at: string, duration: string, value: unknown): ObjectiveWindowOption {
  const periods = Object.keys(CALENDAR) as CalendarPeriod[];
  const period = periods.find((one) => CALENDAR[one] === duration);
  if (period === undefined) {
    throw optionError(
      `${at}.duration`,
      duration,
      `one of ${Object.values(CALENDAR).join(", ")} with a calendar`,
    );
  }
  const without = "{ startTime, timeZone }, because the window does not roll";
  const calendar = checkObject(`${at}.calendar`, value, without);
  refuseUnknownKeys(`${at}.calendar`, calendar, ["startTime", "timeZone"]);
  const startTime = checkString(`${at}.calendar.startTime`, calendar["startTime"]);
  if (!isBeginning(period, START.exec(startTime)?.[1])) {
    const first = period === "week" ? "a Monday" : `the first day of a ${period}`;
    const expected = `00:00:00 of ${period === "day" ? "any day" : first}, such as 2024-01-01 00:00:00`;
    throw optionError(`${at}.calendar.startTime`, startTime, expected);
  }
  return {
    calendar: period,
    timeZone: checkString(`${at}.calendar.timeZone`, calendar["timeZone"]),
  };
}

function isBeginning(period: CalendarPeriod, text: string | undefined): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  if (text === undefined || Number.isNaN(date.getTime())) return false;
  if (!date.toISOString().startsWith(text)) return false; // 30 February is read as 1 March
  if (period === "day") return true;
  if (period === "week") return date.getUTCDay() === 1;
  const months = { month: 1, quarter: 3, year: 12 }[period];
  return date.getUTCDate() === 1 && date.getUTCMonth() % months === 0;
}
