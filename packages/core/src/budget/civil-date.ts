/** A day. Zone offsets and daylight saving are not its business: see zone-day.ts. */
export const DAY_MS = 86_400_000;

/** The calendar periods that budgets reset by. Weeks start on Monday. */
export type CalendarPeriod = "day" | "week" | "month";

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * The first day of the period that a day lies in. Days are numbered from 1970-01-01 as 0, in the
 * proleptic Gregorian calendar.
 */
export function firstDayOf(period: CalendarPeriod, day: number): number {
  if (period === "day") return day;
  if (period === "week") return day - modulo(day + 3, 7); // 1970-01-01 was a Thursday
  return day - toCivil(day).day + 1;
}

/** The first day after the period that starts on `firstDay`. */
export function firstDayAfter(period: CalendarPeriod, firstDay: number): number {
  if (period === "day") return firstDay + 1;
  if (period === "week") return firstDay + 7;
  return firstDayOf("month", firstDay + 31);
}

/** Names a period by its first day: `2026-11-21`, `week 2026-11-16`, `2026-11`. */
export function periodKey(period: CalendarPeriod, firstDay: number): string {
  const { year, month, day } = toCivil(firstDay);
  const text = `${pad(year, 4)}-${pad(month, 2)}`;
  if (period === "month") return text;
  return `${period === "week" ? "week " : ""}${text}-${pad(day, 2)}`;
}

/** @see https://howardhinnant.github.io/date_algorithms.html#civil_from_days */
function toCivil(dayNumber: number): CivilDate {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

function modulo(value: number, divisor: number): number {
  return value - divisor * Math.floor(value / divisor);
}

function pad(value: number, digits: number): string {
  return value < 0 ? `-${pad(-value, digits)}` : String(value).padStart(digits, "0");
}
