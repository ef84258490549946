/**
 * What SQLite's texts do not give back as it was: NUL, lone surrogates (all of them become one
 * replacement character, so that two names would be one), the mark that escapes them, and the last
 * code point, which ends a range of prefixes.
 */
const UNSAFE = /[\0\uE000\p{Cs}\u{10FFFF}]/u;
const UNSAFE_ALL = /[\0\uE000\p{Cs}\u{10FFFF}]/gu;
const ESCAPED = /\uE000([0-9a-f]{6})/g;
/** A character of the private use area: nobody needs it, and it prints as nothing harmful. */
const ESCAPE = "\uE000";

/** The greatest text that begins with a prefix: no stored text has this character. */
export const LAST_CHARACTER = "\u{10FFFF}";

/** Any text as one that SQLite gives back unchanged; different texts stay different. */
export function encodeText(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(
    UNSAFE_ALL,
    (character) => `${ESCAPE}${(character.codePointAt(0) ?? 0).toString(16).padStart(6, "0")}`,
  );
}

/** The text that was encoded. */
export function decodeText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(ESCAPED, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}
