import { numberValue } from "./number-value.ts";

const POWERS: ReadonlyMap<string, number> = new Map(
  (
    [
      ["百백", 2],
      ["千천", 3],
      ["万萬만", 4],
      ["億亿억", 8],
      ["兆조", 12],
    ] as const
  ).flatMap(([signs, power]) => [...signs].map((sign) => [sign, power] as const)),
);
/** A small sign, a large one or both. `千` of `5千克` is a kilogram's, `百` of `5百分点` a percentage's. */
const SIZE = /([百백](?![分合貨货])|[千천](?![克米瓦卡伏赫]))?([万萬만億亿억兆조])?/y;
/** The part behind, as the `2千` of `1万2千` or the ` 5000만` of `3억 5000만`. */
const NEXT = / ?(\d{1,4}(?:,\d{3})?)(?!\d|[.,]\d)/y;
/** That of `兆` and `조`, which are also mega (`100兆宽带`) and the article of a law (`제3조`). */
const UNSURE = 12;

/** A number in parts, and what else it may be. */
export interface EastAsianNumber {
  readonly key: string;
  readonly other?: readonly string[];
  readonly end: number;
}

/**
 * `1万2千` is 12,000, `3천5백만` is 35,000,000; undefined where no such size stands behind the digits.
 * A large sign raises all that stands since the last one.
 */
export function eastAsianAt(
  text: string,
  start: number,
  digitsEnd: number,
): EastAsianNumber | undefined {
  if (!(text.charCodeAt(digitsEnd) >= 0x4e00)) return undefined; // mostly
  let size = sizeAt(text, digitsEnd);
  if (size.length === 0) return undefined;
  const first = text.slice(start, digitsEnd);
  let end = digitsEnd + size.length;
  let sum = 0;
  let section = worth(first, size.small); // not raised yet
  let least = Infinity;
  for (;;) {
    if (size.large > 0) {
      sum += worth(String(section), size.large);
      section = 0;
      least = size.large;
    }
    const next = size.length === 0 ? undefined : matchAt(NEXT, text, end);
    if (next === undefined) break;
    const [whole, digits = ""] = next;
    const behind = sizeAt(text, end + whole.length);
    if (!goesOn(size, behind, least, whole !== digits)) break;
    size = behind;
    section += worth(digits, size.small);
    end += whole.length + size.length;
  }
  if (Number.isNaN(sum + section)) return undefined; // `1.2.3万`
  const isUnsure = sum === worth(first, UNSURE);
  return { key: String(sum + section), end, ...(isUnsure && { other: [String(worth(first, 0))] }) };
}

/** `3万 20人` and `3万5億` are two numbers, and so are the `3` and the `1` of `제3조1항`. */
function goesOn(last: Size, next: Size, least: number, isApart: boolean): boolean {
  if (next.length === 0) return !isApart && last.large !== UNSURE;
  const isSmaller = next.large > 0 || next.small < (last.large > 0 ? Infinity : last.small);
  return isSmaller && next.large < least && !(isApart && last.large === 0 && next.small === 0);
}

interface Size {
  readonly small: number;
  readonly large: number;
  readonly length: number;
}

function sizeAt(text: string, at: number): Size {
  const [whole = "", small = "", large = ""] = matchAt(SIZE, text, at) ?? [];
  return { small: POWERS.get(small) ?? 0, large: POWERS.get(large) ?? 0, length: whole.length };
}

/** By what power of ten signs raise the digits before them; 0 where none stand. */
export function eastAsianPower(text: string, at: number): number {
  const { small, large } = sizeAt(text, at);
  return small + large;
}

function worth(digits: string, power: number): number {
  return Number(numberValue(digits, power).key);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
