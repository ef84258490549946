import type { Fact } from "./fact.ts";

/** Numbers, and the letters that one is grown to: `LH123`, `utf8`, `python3.12`. */
const DIGITS = /\d+(?:\.\d+)*/g;
const GROWN_TO = /(?<![a-z\d])[a-z]{1,12}$/i;
const LETTERS_BEFORE = /(?<![a-z\d])([a-z]{1,12})([ \u00a0\u202f-])$/i;
const LONGEST = 14;
/** Marks what is compared without regard to capital letters. */
const ANY_CASE = "~";
const IS_LOWER = /^[a-z]+$/;

/**
 * Those that are no part of a name that the context writes in one: `LH 123` is its `LH123`, and
 * `UTF-8` its `utf8`. A small word before a number is mostly no name: `in 2024` is no `IN2024`.
 */
export function withoutGlued(
  missing: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  const names = missing.map(({ start, end }) => {
    const before = answer.slice(Math.max(0, start - LONGEST), start);
    const [, letters, gap] = LETTERS_BEFORE.exec(before) ?? [];
    if (letters === undefined) return undefined;
    const name = `${letters}${answer.slice(start, end)}`;
    return gap !== "-" && IS_LOWER.test(letters) ? name : `${ANY_CASE}${name.toLowerCase()}`;
  });
  if (names.every((name) => name === undefined)) return missing;
  const known = gluedIn(context);
  return missing.filter((_, at) => !known.has(names[at] ?? ""));
}

/** Looks at what stands before a number, and not at each word for a number behind it. */
function gluedIn(context: string): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { 0: digits, index } of context.matchAll(DIGITS)) {
    const end = index + digits.length;
    if (digits.length > 12 || /[a-z]/i.test(context.charAt(end))) continue;
    const [letters] = GROWN_TO.exec(context.slice(Math.max(0, index - LONGEST), index)) ?? [];
    if (letters === undefined) continue;
    const name = `${letters}${digits}`;
    known.add(name).add(`${ANY_CASE}${name.toLowerCase()}`);
  }
  return known;
}
