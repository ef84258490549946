import { outside } from "./digit-rows.ts";
import type { Fact } from "./fact.ts";

/** Of the second kind countries read either number as the month. */
const FORMS = [
  /(?<!\d[.,/-]?)(?<year>\d{4})(?<sign>[./-])(?<month>\d{1,2})\k<sign>(?<day>\d{1,2})(?![./-]?\d)/g,
  /(?<!\d[.,/-]?)(?<one>\d{1,2})(?<sign>[./-] ?)(?<two>\d{1,2})\k<sign>(?<year>\d{4})(?![./-]?\d)/g,
  /(?<!\d)(?:(?<year>\d{4}) ?[年년] ?)?(?<month>\d{1,2}) ?[月월] ?(?<day>\d{1,2}) ?[日일]/g,
];

/** Those that are no part of a day that the context has in another form. */
export function withoutOtherDays(
  missing: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  const said = missing.length === 0 ? [] : daysOf(answer);
  if (said.length === 0) return missing;
  const known = new Set(daysOf(context).flatMap(({ undated, dated }) => [...undated, ...dated]));
  const same = said.filter(({ undated, dated }) =>
    (dated.length > 0 ? dated : undated).some((day) => known.has(day)),
  );
  return outside(
    missing,
    same.toSorted((one, other) => one.start - other.start),
  );
}

interface Day {
  readonly start: number;
  readonly end: number;
  /** In all readings, without the year and with it, if it is said. */
  readonly undated: readonly string[];
  readonly dated: readonly string[];
}

function daysOf(text: string): Day[] {
  return FORMS.flatMap((form) =>
    [...text.matchAll(form)].map(({ 0: whole, index, groups = {} }) => {
      const { year, month = "", day = "", one = month, two = day } = groups;
      const readings =
        month === ""
          ? [
              [one, two],
              [two, one],
            ]
          : [[month, day]];
      const undated = readings.map((parts) => parts.map(Number).join("-"));
      const dated = year === undefined ? [] : undated.map((reading) => `${year}-${reading}`);
      return { start: index, end: index + whole.length, undated, dated };
    }),
  );
}
