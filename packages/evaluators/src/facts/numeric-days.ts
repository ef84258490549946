import { outside } from "./digit-rows.ts";
import type { Fact } from "./fact.ts";

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const NAME =
  "\\b(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
/** Of the second kind countries read either number as the month. */
const FORMS = [
  /(?<!\d[.,/-]?)(?<year>\d{4})(?<sign>[./-])(?<month>\d{1,2})\k<sign>(?<day>\d{1,2})(?![./-]?\d)/g,
  /(?<!\d[.,/-]?)(?<one>\d{1,2})(?<sign>[./-] ?)(?<two>\d{1,2})\k<sign>(?<year>\d{4})(?![./-]?\d)/g,
  /(?<!\d)(?:(?<year>\d{4}) ?[年년] ?)?(?<month>\d{1,2}) ?[月월] ?(?<day>\d{1,2}) ?[日일]/g,
  new RegExp(
    `(?<!\\d)(?<day>\\d{1,2})(?:st|nd|rd|th)? (?:of )?${NAME}\\.?,? (?<year>\\d{4})(?!\\d)`,
    "gi",
  ),
  new RegExp(`${NAME}\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})(?!\\d)`, "gi"),
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
      const { year, name = "", day = "", month = monthOf(name) } = groups;
      const { one = month, two = day } = groups;
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

/** Nothing where the month is said in digits. */
function monthOf(name: string): string {
  return name === "" ? "" : String(MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1);
}
