import type { Fact } from "./fact.ts";

/** Numbers, and the letters that one is grown to: `LH123`, `utf8`. */
const DIGITS = /\d+/g;
const GROWN_TO = /(?<![a-z\d])[a-z]{1,12}$/i;
const LETTERS_BEFORE = /(?<![a-z\d])([a-z]{1,12})[ \u00a0\u202f-]$/i;
const LONGEST = 14;

/** Those that are no part of a name that the context writes in one: `LH 123` is its `LH123`. */
export function withoutGlued(
  missing: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  const names = missing.map(({ start, end }) => {
    const before = answer.slice(Math.max(0, start - LONGEST), start);
    const [, letters] = LETTERS_BEFORE.exec(before) ?? [];
    return letters && `${letters}${answer.slice(start, end)}`.toLowerCase();
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
    if (letters !== undefined) known.add(`${letters}${digits}`.toLowerCase());
  }
  return known;
}
