import { plainDigits } from "../text/plain-signs.ts";
import { dateAt } from "./dates.ts";
import { eastAsianAt, eastAsianPower } from "./east-asian-sizes.ts";
import type { Fact } from "./fact.ts";
import { fractionAt } from "./fractions.ts";
import { numberValue } from "./number-value.ts";
import { NUMBER_START, spelledAt, wordStart } from "./number-words.ts";
import { powerOf, SIZE_WORDS } from "./size-words.ts";

const DIGIT = 1;
const LETTER = 2;
/** For each ASCII code what it is. */
const KINDS = new Uint8Array(128);
KINDS.fill(DIGIT, 48, 58);
KINDS.fill(LETTER, 65, 91);
KINDS.fill(LETTER, 97, 123);

const POINT = 46;
const OTHER_LETTER = /[\p{L}\p{M}]/u;
/** `v2` is a name, and `v2.1` a number of a version. */
const VERSION = /\bv(?=\d{1,9}\.\d)/gi;
/** Numbers as JSON writes them in a row. */
const LIST = /\[[-+.\deE]+(?:,[-+.\deE]+)+\]/g;
/** Thousands as code writes them: `5_000`. */
const IN_CODE = /(?<![\w.])\d{1,3}(?:_\d{3}){1,8}(?!\w)/g;
/** Few enough digits for a fraction behind them to count. */
const WHOLE = /^\d{0,12}$/;

/**
 * The numbers of a text by value (`1,234.5`, `1 234,5` and `1234.50` are one, `2 million` and `2e6`
 * are `2000000`, `twenty-three` is `23`, `2½` is `2.5`, `١٢` is `12`, `2 Mio.` and `200万` are
 * `2000000`, `12 %` is `12` or `0.12`), and its days. Not seen: signs, because a fall of 3 % is
 * −3 %; `1/2` as a half, `first`, roman numerals, numbers in words of other languages than English.
 * `[10,20]` is two numbers, and so is a time of day.
 */
export function numbersIn(given: string): Fact[] {
  const text = withoutLists(plainDigits(given))
    .replace(VERSION, " ")
    .replace(IN_CODE, (digits) => digits.replaceAll("_", "'"));
  const facts: Fact[] = [];
  NUMBER_START.lastIndex = 0;
  while (NUMBER_START.test(text)) {
    const { lastIndex } = NUMBER_START;
    NUMBER_START.lastIndex = isDigit(text, lastIndex - 1)
      ? addNumber(text, lastIndex - 1, facts)
      : (addFraction(text, "", lastIndex - 1, lastIndex - 1, facts) ??
        addSpelled(text, wordStart(text, lastIndex), lastIndex, facts));
  }
  return facts;
}

/** It only decides whether a word goes on: `é47` is a name, and `≥47` is a number. */
function kindOf(code: number): number {
  if (code < 128) return KINDS[code] ?? 0;
  const isLetter = code >= 192 && !isUnspaced(code) && OTHER_LETTER.test(String.fromCharCode(code));
  return isLetter ? LETTER : 0;
}

/** Without its commas: `[10,20]` is data, and no 10.2. */
function withoutLists(text: string): string {
  return text.replace(LIST, (list) => list.replaceAll(",", ";"));
}

/** Letters of East Asia, Thai and Lao stand beside a number without a space: `共有12人`. */
function isUnspaced(code: number): boolean {
  return (code >= 0x2e80 && code <= 0xd7ff) || (code >= 0xe00 && code <= 0xeff);
}

/** Returns where `½` or `2½` ends; undefined where none stands behind the digits. */
function addFraction(
  text: string,
  digits: string,
  start: number,
  at: number,
  facts: Fact[],
): number | undefined {
  const fraction = WHOLE.test(digits) ? fractionAt(text, at) : undefined;
  if (fraction === undefined) return undefined;
  const { value, parts, end } = fraction;
  const { power, length } = powerAfter(text, end);
  const key = String((Number(digits) + value) * 10 ** power);
  const other = digits === "" ? parts : [String(Number(digits)), ...parts];
  facts.push({ key, other, start, end, kind: "number" });
  return end + length;
}

/** Returns where the number ends, or its first word if that is none. */
function addSpelled(text: string, start: number, wordEnd: number, facts: Fact[]): number {
  const found = isInWord(text, start) ? undefined : spelledAt(text, start);
  if (found === undefined || isInWord(text, found.end + 1)) return wordEnd;
  facts.push({ key: String(found.value), start, end: found.end, kind: "number" });
  return found.end;
}

/** Returns where the number ends, or the day that it begins with. */
function addNumber(text: string, first: number, facts: Fact[]): number {
  const start = isBarePoint(text, first) ? first - 1 : first;
  const end = endOfNumber(text, first);
  if (isInWord(text, first)) return end; // `v2` and `A4` are names
  const fraction = addFraction(text, text.slice(start, end), start, end, facts);
  if (fraction !== undefined) return fraction;
  const large = eastAsianAt(text, start, end);
  if (large !== undefined) {
    facts.push({ ...large, start, kind: "number" });
    return large.end;
  }
  const day = start === first ? dateAt(text, start, end) : undefined;
  if (day !== undefined) facts.push(day);
  const { power, isUnsure, lost, length } = powerAfter(text, end);
  const digits = text.slice(start, end);
  const value = numberValue(digits, power);
  const shared = power === 0 && value.other === undefined ? sharedPower(text, end) : undefined;
  const otherwise = isUnsure ? 0 : (lost ?? shared);
  const share = value.other ?? shareOf(text, digits, end);
  const other = otherwise === undefined ? share : [numberValue(digits, otherwise).key];
  const fact = { key: value.key, start, end, kind: "number" };
  facts.push(other === undefined ? fact : { ...fact, other });
  if (day === undefined || end - start !== 4) return end + length;
  facts.push({ key: String(Number(text.slice(day.end - 2, day.end))), start, end, kind: "number" });
  return day.end; // of `1991-03-02` the month is no number by itself
}

/** Whether a letter stands before, or a digit. */
function isInWord(text: string, at: number): boolean {
  const isBare = isTimes(text, at - 1) || isTime(text, at - 1);
  return kindOf(text.charCodeAt(at - 1)) !== 0 && !isBare;
}

/** The `T` of `2024-05-03T14:05`. */
function isTime(text: string, at: number): boolean {
  return text.charCodeAt(at) === 84 && ISO_TIME.test(text.slice(Math.max(0, at - 10), at + 4));
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:$/;

/** The `x` of `1920x1080`; that of `0x10` is none. */
function isTimes(text: string, at: number): boolean {
  if ((text.charCodeAt(at) | 32) !== 120 || !isDigit(text, at - 1)) return false;
  return text.charCodeAt(at - 1) !== 48 || isDigit(text, at - 2);
}

/** `.5` behind a space, a currency or nothing. */
function isBarePoint(text: string, first: number): boolean {
  if (text.charCodeAt(first - 1) !== POINT) return false;
  return first === 1 || /[\s($€£¥~<>=+-]/.test(text.charAt(first - 2));
}

/** Digits, with one separator between any two of them; spaces and apostrophes before three only. */
function endOfNumber(text: string, start: number): number {
  let end = start;
  let mayGroup = true;
  for (;;) {
    const from = end;
    while (isDigit(text, end)) end++;
    const code = text.charCodeAt(end);
    const isShort = end - from <= 3;
    if (code === 44 || code === POINT) {
      if (!isDigit(text, end + 1)) return end;
      mayGroup &&= isShort && code !== POINT;
    } else if (!mayGroup || !isShort || !isGap(code) || !isGroup(text, end + 1)) return end;
    end++;
  }
}

function isGap(code: number): boolean {
  return (
    code === 32 ||
    code === 39 ||
    code === 0xa0 ||
    code === 0x2009 ||
    code === 0x2019 ||
    code === 0x202f
  );
}

/** Exactly three digits, and no word that goes on. */
function isGroup(text: string, at: number): boolean {
  const isLong = isDigit(text, at) && isDigit(text, at + 1) && isDigit(text, at + 2);
  return isLong && kindOf(text.charCodeAt(at + 3)) === 0;
}

function isDigit(text: string, at: number): boolean {
  return KINDS[text.charCodeAt(at)] === DIGIT;
}

/** Words go on with letters such as `í`, too: `milímetros`, `Köche`. */
const SIZE = new RegExp(`^[ \\u00a0\\u202f-]?(${SIZE_WORDS})(?![\\p{sc=Latin}\\d])`, "iu");
/** `e23`, `× 10^23`, `× 10²³`, `\times 10^{23}`. */
const EXPONENT =
  /^(?:e([+-]?\d{1,3})|[ \u00a0]?(?:[×x*·]|\\times|\\cdot)[ \u00a0]?10(?:\^\{?([+−-]?\d{1,3})\}?|([⁺⁻]?[⁰¹²³⁴-⁹]{1,3})))(?![a-z\d])/i;
/** `x 1023` is what is left of it where raised digits are lost; mostly it is a size, as `1920x1080`. */
const LOST_EXPONENT = /^[ \u00a0]?[×x*·][ \u00a0]?10([+−-]?\d{1,3})(?![a-z\d])/i;
/** Also metres, minutes, bits, tonnes, tesla, and a thousandth of an inch. */
const UNSURE = new Set(["m", "b", "t", "T", "mil"]);
/** First letters of sizes, `e`, and what stands before a power of ten. */
const MAY_SCALE = new Set([..."htmbkeHTMBKE×xX*·\\"].map((sign) => sign.charCodeAt(0)));

interface Power {
  readonly power: number;
  /** Whether it may be a unit. */
  readonly isUnsure: boolean;
  /** What the power may be, or else a number of its own. */
  readonly lost?: number;
  /** How long it is. */
  readonly length: number;
}

const NO_POWER: Power = { power: 0, isUnsure: false, length: 0 };

function powerAfter(text: string, end: number): Power {
  const code = text.charCodeAt(end);
  const next =
    code === 32 || code === 45 || code === 0xa0 || code === 0x202f
      ? text.charCodeAt(end + 1)
      : code;
  if (!MAY_SCALE.has(next)) return NO_POWER;
  const tail = text.slice(end, end + 18);
  const [whole = "", size] = SIZE.exec(tail) ?? [];
  if (size !== undefined) {
    return { power: powerOf(size), isUnsure: UNSURE.has(size), length: whole.length };
  }
  const exponent = EXPONENT.exec(tail);
  if (exponent !== null) {
    const power = toPower(exponent[1] ?? exponent[2] ?? exponent[3]);
    return { power, isUnsure: false, length: exponent[0].length };
  }
  const lost = LOST_EXPONENT.exec(tail);
  return lost === null ? NO_POWER : { ...NO_POWER, lost: toPower(lost[1]) };
}

/** `3–5 billion`, `between $3 and $5 billion`: the size behind the second number may be the first's. */
const SECOND =
  /^[ \u00a0]?(?:[-–—~〜～至到]|to|or|and|bis|und|oder|à|et|ou|a|y|o|até|e|tot|en|of)[ \u00a0]?[$€£¥]?\d+(?:[.,]\d+)*/i;

function sharedPower(text: string, end: number): number | undefined {
  const [second] = SECOND.exec(text.slice(end, end + 40)) ?? [];
  if (second === undefined) return undefined;
  const behind = end + second.length;
  const power = powerAfter(text, behind).power || eastAsianPower(text, behind);
  return power === 0 ? undefined : power;
}

const PERCENT =
  /^[ \u00a0\u202f]?(?:[%％٪]|per ?cent|prozent|pour cent|por ciento|por cento|per cento|procent)/i;

/** `12 %` may be the 0.12 of data; `100 %` is no 1, which stands everywhere. */
function shareOf(text: string, digits: string, end: number): readonly string[] | undefined {
  if (!PERCENT.test(text.slice(end, end + 12))) return undefined;
  const { key } = numberValue(digits, -2);
  return key.includes(".") ? [key] : undefined;
}

function toPower(written = "0"): number {
  return Number(written.normalize("NFKC").replace("−", "-"));
}
