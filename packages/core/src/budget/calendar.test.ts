import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.ts";
import { calendarWindow } from "./calendar.ts";
import type { CalendarPeriod } from "./civil-date.ts";

const PERIODS: readonly CalendarPeriod[] = ["day", "week", "month"];

const HARD_ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/Havana",
  "America/St_Johns",
  "America/Scoresbysund",
  "America/Asuncion",
  "America/Santiago",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Beirut",
  "Asia/Amman",
  "Asia/Gaza",
  "Asia/Tehran",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Australia/Eucla",
  "Pacific/Apia",
  "Pacific/Kwajalein",
  "Pacific/Kiritimati",
  "Pacific/Chatham",
  "Pacific/Marquesas",
  "Antarctica/Troll",
  "Atlantic/Azores",
  "+05:45",
  "-23:59",
] as const;

const ALL_ZONES = [...new Set([...HARD_ZONES, ...Intl.supportedValuesOf("timeZone")])];

/** The local date by another way than the code's: parts of a formatted date, not the offset. */
function localDate(timeZone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(atMs);
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

function mondayOf(date: string): string {
  const instant = new Date(`${date}T00:00:00Z`);
  instant.setUTCDate(instant.getUTCDate() - ((instant.getUTCDay() + 6) % 7));
  return instant.toISOString().slice(0, 10);
}

function keyOf(calendar: CalendarPeriod, date: string): string {
  if (calendar === "day") return date;
  return calendar === "month" ? date.slice(0, 7) : `week ${mondayOf(date)}`;
}

function datesOf(year: number): string[] {
  const dates: string[] = [];
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += 86_400_000) {
    dates.push(iso(day).slice(0, 10));
  }
  return dates;
}

/** Samoa moved over the date line: it had no such day. */
function isSkipped(zone: string, date: string): boolean {
  return zone === "Pacific/Apia" && date === "2011-12-30";
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

function windowAt(calendar: CalendarPeriod, timeZone: string, at: string): string[] {
  const { key, startsAtMs, endsAtMs } = calendarWindow(calendar, timeZone, Date.parse(at));
  return [key, iso(startsAtMs), iso(endsAtMs)];
}

describe("calendarWindow", () => {
  it.each<[string, CalendarPeriod, string, string, string, string, string]>([
    // why, calendar, zone, at, key, starts, ends
    [
      "the last ms before midnight",
      "day",
      "UTC",
      "2026-11-21T23:59:59.999Z",
      "2026-11-21",
      "2026-11-21T00:00:00.000Z",
      "2026-11-22T00:00:00.000Z",
    ],
    [
      "midnight itself, which opens the new day",
      "day",
      "UTC",
      "2026-11-22T00:00:00.000Z",
      "2026-11-22",
      "2026-11-22T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z",
    ],
    [
      "the last ms of a year",
      "month",
      "UTC",
      "2026-12-31T23:59:59.999Z",
      "2026-12",
      "2026-12-01T00:00:00.000Z",
      "2027-01-01T00:00:00.000Z",
    ],
    [
      "February in a leap year",
      "month",
      "UTC",
      "2028-02-29T12:00:00.000Z",
      "2028-02",
      "2028-02-01T00:00:00.000Z",
      "2028-03-01T00:00:00.000Z",
    ],
    [
      "February 2100, which has 28 days",
      "month",
      "UTC",
      "2100-02-28T12:00:00.000Z",
      "2100-02",
      "2100-02-01T00:00:00.000Z",
      "2100-03-01T00:00:00.000Z",
    ],
    [
      "January 31, whose next month is shorter",
      "month",
      "Europe/Berlin",
      "2026-01-31T22:59:59.999Z",
      "2026-01",
      "2025-12-31T23:00:00.000Z",
      "2026-01-31T23:00:00.000Z",
    ],
    [
      "a Sunday, which ends the week",
      "week",
      "UTC",
      "2026-11-22T23:59:59.999Z",
      "week 2026-11-16",
      "2026-11-16T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z",
    ],
    [
      "a Monday, which starts the week",
      "week",
      "UTC",
      "2026-11-16T00:00:00.000Z",
      "week 2026-11-16",
      "2026-11-16T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z",
    ],
    [
      "a week over New Year",
      "week",
      "UTC",
      "2027-01-01T00:00:00.000Z",
      "week 2026-12-28",
      "2026-12-28T00:00:00.000Z",
      "2027-01-04T00:00:00.000Z",
    ],
    [
      "a day of 23 hours in Berlin",
      "day",
      "Europe/Berlin",
      "2026-03-29T12:00:00.000Z",
      "2026-03-29",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ],
    [
      "a day of 25 hours in Berlin",
      "day",
      "Europe/Berlin",
      "2026-10-25T12:00:00.000Z",
      "2026-10-25",
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "a month with a clock change",
      "month",
      "America/New_York",
      "2026-03-15T00:00:00.000Z",
      "2026-03",
      "2026-03-01T05:00:00.000Z",
      "2026-04-01T04:00:00.000Z",
    ],
    [
      "no midnight in São Paulo",
      "day",
      "America/Sao_Paulo",
      "2018-11-04T12:00:00.000Z",
      "2018-11-04",
      "2018-11-04T03:00:00.000Z",
      "2018-11-05T02:00:00.000Z",
    ],
    [
      "no midnight in Cairo",
      "day",
      "Africa/Cairo",
      "2024-04-26T12:00:00.000Z",
      "2024-04-26",
      "2024-04-25T22:00:00.000Z",
      "2024-04-26T21:00:00.000Z",
    ],
    [
      "no midnight in Beirut",
      "day",
      "Asia/Beirut",
      "2024-03-31T12:00:00.000Z",
      "2024-03-31",
      "2024-03-30T22:00:00.000Z",
      "2024-03-31T21:00:00.000Z",
    ],
    [
      "midnight twice in Havana",
      "day",
      "America/Havana",
      "2024-11-03T12:00:00.000Z",
      "2024-11-03",
      "2024-11-03T04:00:00.000Z",
      "2024-11-04T05:00:00.000Z",
    ],
    [
      "the second midnight in Havana, still the same day",
      "day",
      "America/Havana",
      "2024-11-03T05:00:00.000Z",
      "2024-11-03",
      "2024-11-03T04:00:00.000Z",
      "2024-11-04T05:00:00.000Z",
    ],
    [
      "23:00 twice in São Paulo, both the old day",
      "day",
      "America/Sao_Paulo",
      "2018-02-18T02:30:00.000Z",
      "2018-02-17",
      "2018-02-17T02:00:00.000Z",
      "2018-02-18T03:00:00.000Z",
    ],
    [
      "the old date again after midnight in St. John's (00:01 to 23:01)",
      "day",
      "America/St_Johns",
      "2006-10-29T02:45:00.000Z",
      "2006-10-29",
      "2006-10-29T02:30:00.000Z",
      "2006-10-30T03:30:00.000Z",
    ],
    [
      "a 30-minute zone",
      "day",
      "Asia/Kolkata",
      "2026-11-21T18:29:59.999Z",
      "2026-11-21",
      "2026-11-20T18:30:00.000Z",
      "2026-11-21T18:30:00.000Z",
    ],
    [
      "a 45-minute zone",
      "month",
      "Asia/Kathmandu",
      "2026-11-21T00:00:00.000Z",
      "2026-11",
      "2026-10-31T18:15:00.000Z",
      "2026-11-30T18:15:00.000Z",
    ],
    [
      "a 30-minute clock change",
      "day",
      "Australia/Lord_Howe",
      "2026-04-04T20:00:00.000Z",
      "2026-04-05",
      "2026-04-04T13:00:00.000Z",
      "2026-04-05T13:30:00.000Z",
    ],
    [
      "the day before Samoa skipped one",
      "day",
      "Pacific/Apia",
      "2011-12-30T09:59:59.999Z",
      "2011-12-29",
      "2011-12-29T10:00:00.000Z",
      "2011-12-30T10:00:00.000Z",
    ],
    [
      "the day after the skipped one",
      "day",
      "Pacific/Apia",
      "2011-12-30T10:00:00.000Z",
      "2011-12-31",
      "2011-12-30T10:00:00.000Z",
      "2011-12-31T10:00:00.000Z",
    ],
    [
      "a week of six days in Samoa",
      "week",
      "Pacific/Apia",
      "2011-12-31T00:00:00.000Z",
      "week 2011-12-26",
      "2011-12-26T10:00:00.000Z",
      "2012-01-01T10:00:00.000Z",
    ],
    [
      "the far future",
      "day",
      "Europe/Berlin",
      "9999-12-31T23:30:00.000Z",
      "10000-01-01",
      "9999-12-31T23:00:00.000Z",
      "+010000-01-01T23:00:00.000Z",
    ],
  ])("%s", (_why, calendar, timeZone, at, key, starts, ends) => {
    expect(windowAt(calendar, timeZone, at)).toEqual([key, starts, ends]);
  });

  it("agrees with the formatter about the local date at the start, and covers the instant", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_ZONES),
        fc.constantFrom(...PERIODS),
        fc.integer({ min: Date.UTC(1970, 0, 5), max: Date.UTC(2100, 11, 31) }),
        (timeZone, calendar, atMs) => {
          const span = calendarWindow(calendar, timeZone, atMs);
          expect(span.startsAtMs).toBeLessThanOrEqual(atMs);
          expect(atMs).toBeLessThan(span.endsAtMs);
          expect(keyOf(calendar, localDate(timeZone, span.startsAtMs))).toBe(span.key);
          expect(keyOf(calendar, localDate(timeZone, span.startsAtMs - 1))).not.toBe(span.key);
          expect(keyOf(calendar, localDate(timeZone, span.endsAtMs - 1)) <= span.key).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("leaves no gap and no overlap: each window ends where the next begins", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_ZONES),
        fc.constantFrom(...PERIODS),
        fc.integer({ min: Date.UTC(1850, 0, 1), max: Date.UTC(2100, 11, 31) }),
        (timeZone, calendar, atMs) => {
          const span = calendarWindow(calendar, timeZone, atMs);
          expect(calendarWindow(calendar, timeZone, span.startsAtMs)).toEqual(span);
          expect(calendarWindow(calendar, timeZone, span.endsAtMs - 1)).toEqual(span);
          const next = calendarWindow(calendar, timeZone, span.endsAtMs);
          expect(next.startsAtMs).toBe(span.endsAtMs);
          expect(next.key).not.toBe(span.key);
          const before = calendarWindow(calendar, timeZone, span.startsAtMs - 1);
          expect(before.endsAtMs).toBe(span.startsAtMs);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(HARD_ZONES)("opens each date once and in order, all year round in %s", (zone) => {
    for (const year of [2006, 2011, 2024]) {
      const opened: string[] = [];
      let endsAtMs = Date.UTC(year - 1, 11, 30);
      while (endsAtMs < Date.UTC(year + 1, 0, 2)) {
        const span = calendarWindow("day", zone, endsAtMs);
        expect(calendarWindow("day", zone, (span.startsAtMs + span.endsAtMs) / 2)).toEqual(span);
        if (span.key.startsWith(`${year}-`)) opened.push(span.key);
        endsAtMs = span.endsAtMs;
      }
      expect(opened).toEqual(datesOf(year).filter((date) => !isSkipped(zone, date)));
    }
  });

  it("handles dates at the ends of what a date can be", () => {
    for (const atMs of [-8.64e15, 8.64e15, -62_167_219_200_000]) {
      for (const zone of ["UTC", "Europe/Berlin"]) {
        const { startsAtMs, endsAtMs } = calendarWindow("month", zone, atMs);
        expect(startsAtMs <= atMs && atMs < endsAtMs).toBe(true);
      }
    }
  });

  it("gives UTC dates that the platform's own calendar agrees with", () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-12-31") }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          expect(calendarWindow("day", "UTC", date.getTime()).key).toBe(day);
          expect(calendarWindow("month", "UTC", date.getTime()).key).toBe(day.slice(0, 7));
        },
      ),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses a clock that says %d", (atMs) => {
    expect(() => calendarWindow("day", "UTC", atMs)).toThrow(ConfigError);
  });
});
