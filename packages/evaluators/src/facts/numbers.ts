import { dateAt } from "./dates.ts";
import type { Fact } from "./fact.ts";

const ZERO = 48;
const MAX_DIGITS = 40;
/** Written as `String(number)` would. */
const PLAIN = /^(?:0|[1-9]\d{0,14})$/;
const NAMED: ReadonlyMap<string, number> = new Map(
  "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    .split(" ")
    .map((word, at) => [word, at < 19 ? at + 2 : (at - 16) * 10]),
);
/** First letters of those words. */
const INITIALS = new Set([..."tfsenTFSEN"].map((letter) => letter.charCodeAt(0)));
const LONGEST_NAME = 9;
const SIZES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  b: 1e9,
  bn: 1e9,
  billion: 1e9,
  trillion: 1e12,
};

/**
 * The numbers of a text by value (`1,234.5` and `1234.50` are one, `2 million` is `2000000`,
 * `three` is `3`), and its days. `one` is left out, being mostly a pronoun. Not seen: fractions,
 * roman numerals, digits of other scripts. A loop over the characters, because patterns for all of
 * that took most of the time of a verdict.
 */
export function numbersIn(text: string): Fact[] {
  const facts: Fact[] = [];
  let at = 0;
  let inWord = false;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      const end = endOfNumber(text, at);
      if (!inWord) addNumber(text, at, end, facts);
      at = end;
      inWord = true; // `47th` and `v2` are words with digits
      continue;
    }
    const letter = isLetter(code);
    if (letter && !inWord && INITIALS.has(code)) addNamed(text, at, facts);
    inWord = letter;
    at++;
  }
  return facts;
}

function addNumber(text: string, start: number, end: number, facts: Fact[]): void {
  const date = dateAt(text, start, end);
  if (date !== undefined) facts.push(date);
  const digits = text.slice(start, end);
  if (digits.length > MAX_DIGITS) {
    facts.push({ key: digits, start, end, kind: "number" });
    return;
  }
  facts.push({ key: keyOf(digits, sizeAfter(text, end)), start, end, kind: "number" });
}

function keyOf(digits: string, size: string): string {
  if (size === "" && PLAIN.test(digits)) return digits;
  const value = Number(withoutGroups(digits));
  if (size === "") return String(value);
  return String(Number((value * (SIZES[size.toLowerCase()] ?? 1)).toPrecision(15)));
}

function addNamed(text: string, start: number, facts: Fact[]): void {
  let end = start;
  while (end - start <= LONGEST_NAME && isLetter(text.charCodeAt(end))) end++;
  const value = end - start > 2 ? NAMED.get(text.slice(start, end).toLowerCase()) : undefined;
  if (value !== undefined) facts.push({ key: String(value), start, end, kind: "number" });
}

/** Digits, with one point or comma between any two of them. */
function endOfNumber(text: string, start: number): number {
  let end = start;
  while (isDigit(text.charCodeAt(end))) {
    end++;
    const code = text.charCodeAt(end);
    if ((code === 44 || code === 46) && isDigit(text.charCodeAt(end + 1))) end++;
  }
  return end;
}

const SIZE = /^ ?(thousand|million|billion|trillion|bn|[kmb])(?![a-z\d])/i;

function sizeAfter(text: string, end: number): string {
  const next = text.charCodeAt(text.charCodeAt(end) === 32 ? end + 1 : end) | 32;
  const mayBeSize = next === 116 || next === 109 || next === 98 || next === 107; // t, m, b, k
  return mayBeSize ? (SIZE.exec(text.slice(end, end + 12))?.[1] ?? "") : "";
}

/** A separator before exactly three digits groups them, unless it may be the point of a decimal. */
function withoutGroups(digits: string): string {
  const comma = digits.indexOf(",");
  const point = digits.indexOf(".");
  if (comma < 0 && point < 0) return digits;
  if ((comma < 0 || point < 0) && GROUPED.test(digits)) return digits.replace(/[.,]/g, "");
  const last = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
  return `${digits.slice(0, last).replace(/[.,]/g, "")}.${digits.slice(last + 1)}`;
}

const GROUPED = /^\d+(?:(?:,\d{3})+|(?:\.\d{3}){2,})$/;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

/** Any letter outside ASCII counts as one: it only decides whether a word goes on. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code >= 192;
}
