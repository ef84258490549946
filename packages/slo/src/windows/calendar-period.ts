import { startOfZoneDay, zoneDayAt } from "@burnrate/core/adapter";
import { DAY_MS } from "../objective/duration.ts";
import type { CalendarPeriod } from "../objective/objective-window.ts";

/** One period in a zone: half-open, in epoch ms. */
export interface Period {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const;
/** 1 January 1970 was a Thursday. */
const DAYS_BEFORE_THURSDAY = 3;

/** The day, week (from Monday), month, quarter or year of an instant in a zone. */
export function periodAt(period: CalendarPeriod, timeZone: string, atMs: number): Period {
  const day = zoneDayAt(timeZone, atMs);
  const [first, next] = daysOf(period, day);
  return {
    startsAtMs: startOfZoneDay(timeZone, first),
    endsAtMs: startOfZoneDay(timeZone, next),
  };
}

function daysOf(period: CalendarPeriod, day: number): readonly [first: number, next: number] {
  if (period === "day") return [day, day + 1];
  if (period === "week") {
    const monday = day - ((((day + DAYS_BEFORE_THURSDAY) % 7) + 7) % 7);
    return [monday, monday + 7];
  }
  const date = new Date(day * DAY_MS);
  const months = MONTHS[period];
  const month = Math.floor(date.getUTCMonth() / months) * months;
  const dayOf = (index: number): number => Date.UTC(date.getUTCFullYear(), index, 1) / DAY_MS;
  return [dayOf(month), dayOf(month + months)];
}
