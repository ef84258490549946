import type { Fact } from "./fact.ts";

const NAMES =
  "january february march april may june july august september october november december".split(
    " ",
  );
/** Full names and the usual abbreviations, as three letters. */
const MONTHS: ReadonlyMap<string, string> = new Map(
  [...NAMES, ...NAMES.map((name) => name.slice(0, 3)), "sept"].map((name) => [
    name,
    name.slice(0, 3),
  ]),
);
const LONGEST = 9;
const ISO = /^-(\d{2})-(\d{2})(?!\d)/;
const SPACE = 32;
const POINT = 46;

/**
 * The day that a number belongs to, however it is written (`March 2, 1991`, `2nd of March`,
 * `1991-03-02`), as month and day; its year is a number of its own. English month names only;
 * `3/2/1991` is three numbers, because countries read it differently.
 */
export function dateAt(text: string, start: number, end: number): Fact | undefined {
  const length = end - start;
  if (length === 4) return isoDate(text, start, end);
  if (length > 2) return undefined;
  return monthBefore(text, start, end) ?? monthAfter(text, start, end);
}

/** `March 2`, `Mar. 2`. */
function monthBefore(text: string, start: number, end: number): Fact | undefined {
  if (text.charCodeAt(start - 1) !== SPACE) return undefined;
  const last = text.charCodeAt(start - 2) === POINT ? start - 2 : start - 1;
  let first = last;
  while (last - first <= LONGEST && isAsciiLetter(text.charCodeAt(first - 1))) first--;
  const month = monthOf(text, first, last);
  const word = text.slice(first, last);
  return month === undefined ? undefined : fact(first, end, month, text.slice(start, end), word);
}

/** `2 March`, `2nd of March`. */
function monthAfter(text: string, start: number, end: number): Fact | undefined {
  let first = end;
  if (isAsciiLetter(text.charCodeAt(first))) {
    if (!ORDINAL.test(text.slice(first, first + 2))) return undefined;
    first += 2;
  }
  if (text.charCodeAt(first) !== SPACE) return undefined;
  first++;
  if (text.startsWith("of ", first)) first += 3;
  let last = first;
  while (last - first <= LONGEST && isAsciiLetter(text.charCodeAt(last))) last++;
  const month = monthOf(text, first, last);
  const word = text.slice(first, last);
  return month === undefined ? undefined : fact(start, last, month, text.slice(start, end), word);
}

const ORDINAL = /^(?:st|nd|rd|th)$/i;

function monthOf(text: string, first: number, last: number): string | undefined {
  const length = last - first;
  if (length < 3 || length > LONGEST) return undefined;
  return MONTHS.get(text.slice(first, last).toLowerCase());
}

function isAsciiLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

function isoDate(text: string, start: number, end: number): Fact | undefined {
  if (text.charCodeAt(end) !== 45) return undefined;
  const match = ISO.exec(text.slice(end, end + 7));
  if (match === null) return undefined;
  const month = NAMES[Number(match[1]) - 1]?.slice(0, 3);
  return month === undefined
    ? undefined
    : fact(start, end + match[0].length, month, match[2] ?? "");
}

/** In small letters these are mostly verbs: `only 5 may attend`. */
const VERBS: readonly string[] = ["may", "march"];

function fact(start: number, end: number, month: string, day: string, word = ""): Fact {
  const date = { key: `${month} ${Number(day)}`, start, end, kind: "date" };
  return VERBS.includes(word) ? { ...date, other: [] } : date;
}
