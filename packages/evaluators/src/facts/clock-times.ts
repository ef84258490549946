import { plainDigits } from "../text/plain-signs.ts";
import { outside } from "./digit-rows.ts";
import type { Fact } from "./fact.ts";

const GAP = "[ \\u00a0\\u202f]?";
const CLOCK = `(?<![\\d:.,])(?<hour>\\d{1,2})(?::(?<minute>\\d\\d))?${GAP}`;
const ENGLISH = `(?<half>[ap])(?:\\.${GAP}m\\.?|m)(?![a-z])`;
/** With the half of the day that they say, and without one: of 24 hours. */
const FORMS = [
  new RegExp(CLOCK + ENGLISH, "gi"),
  // `2–4 PM`: the half behind the second is the first's, too.
  new RegExp(`${CLOCK}(?=(?:[-–—]|to)${GAP}\\d{1,2}(?::\\d\\d)?${GAP}${ENGLISH})`, "gi"),
  new RegExp(`${CLOCK}(?:de la|da) (?<half>mañana|madrugada|manhã|tarde|noche|noite)`, "gi"),
  /(?<half>上午|下午|午前|午後|오전|오후) ?(?<hour>\d{1,2}) ?[:：時时點点시] ?(?<minute>\d{1,2}|半)?/g,
  /(?<![\d:.,])(?<hour>\d{1,2}):(?<minute>\d\d)(?!\d|[ \u00a0\u202f]?[ap]\.?m)/gi,
  /(?<![\d:.,])(?<hour>\d{1,2})\.(?<minute>\d\d)[ \u00a0\u202f]?Uhr/g,
  /(?<![\d:.,])(?<hour>\d{1,2})[ \u00a0\u202f]?(?:h(?:eures)?(?![a-z])|Uhr|[時时](?![間间])|點|点|시(?!간))(?: ?(?<minute>[0-5]\d)(?!\d))?/g,
];
const AFTERNOON = /^(?:p|tarde|noche|noite|下午|午後|오후)$/i;
const HALF_PAST = "半";

/**
 * Those that are no part of a time of day that the context has in another form: `5:30 PM` is its
 * `17:30`.
 */
export function withoutOtherTimes(
  missing: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  const said = missing.length === 0 ? [] : timesOf(answer);
  if (outside(missing, said).length === missing.length) return missing;
  const known = new Set(timesOf(context).map(({ minutes }) => minutes));
  return outside(
    missing,
    said.filter(({ minutes }) => known.has(minutes)),
  );
}

interface Time {
  readonly start: number;
  readonly end: number;
  /** Since midnight. */
  readonly minutes: number;
}

function timesOf(given: string): Time[] {
  const text = plainDigits(given);
  const times = FORMS.flatMap((form) =>
    [...text.matchAll(form)].map(({ 0: whole, index, groups = {} }) => ({
      start: index,
      end: index + whole.length,
      minutes: minutesOf(groups),
    })),
  );
  return times.sort((one, other) => one.start - other.start);
}

function minutesOf({ hour, minute = "0", half }: Record<string, string | undefined>): number {
  const past = minute === HALF_PAST ? 30 : Number(minute);
  if (half === undefined) return Number(hour) * 60 + past;
  return ((Number(hour) % 12) + (AFTERNOON.test(half) ? 12 : 0)) * 60 + past;
}
