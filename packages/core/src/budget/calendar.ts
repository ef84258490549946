import { optionError } from "../config/option-error.ts";
import { type CalendarPeriod, firstDayAfter, firstDayOf, periodKey } from "./civil-date.ts";
import { startOfZoneDay, zoneDayAt } from "./zone-day.ts";

/** One day, week or month in a zone: half-open, in epoch ms. */
export interface CalendarSpan {
  /** `2026-11-21`, `week 2026-11-16` (its Monday) or `2026-11`; unique within a budget. */
  readonly key: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/**
 * The calendar day, week (from Monday) or month that an instant lies in, in an IANA zone. Windows
 * follow each other without gap or overlap. A window starts at the first instant of its first local
 * date and never reopens: where a clock goes back over midnight, the repeated minutes of the old
 * date belong to the new one, so that no budget is refunded.
 *
 * @throws ConfigError `BR9001` when the instant is not finite: a broken clock resets no budget.
 */
export function calendarWindow(
  calendar: CalendarPeriod,
  timeZone: string,
  atMs: number,
): CalendarSpan {
  if (!Number.isFinite(atMs)) throw optionError("clock.wallMs()", atMs, "a finite number of ms");
  let first = firstDayOf(calendar, zoneDayAt(timeZone, atMs));
  let next = firstDayAfter(calendar, first);
  let endsAtMs = startOfZoneDay(timeZone, next);
  while (endsAtMs <= atMs) {
    first = next;
    next = firstDayAfter(calendar, first);
    endsAtMs = startOfZoneDay(timeZone, next);
  }
  return {
    key: periodKey(calendar, first),
    startsAtMs: startOfZoneDay(timeZone, first),
    endsAtMs,
  };
}
