const SMALL: ReadonlyMap<string, number> = new Map(
  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    .split(" ")
    .map((word, at) => [word, at < 20 ? at + 1 : (at - 17) * 10]),
);
const LARGE: ReadonlyMap<string, number> = new Map([
  ["hundred", 1e2],
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
  ["trillion", 1e12],
]);
const LONGEST = 9;

/**
 * A digit, a fraction such as `½`, or a whole word that a number may begin with; for `test`, so
 * that nothing is allocated.
 */
export const NUMBER_START: RegExp = new RegExp(
  `[\\d\xbc-\xbe\u2150-\u215e]|\\b(?:${[...SMALL.keys()].join("|")})\\b`,
  "gi",
);

/** A number in words: what it is worth, and where it ends. */
export interface SpelledNumber {
  readonly value: number;
  readonly end: number;
}

/** Where the word begins that ends here. */
export function wordStart(text: string, end: number): number {
  let start = end;
  while (isAsciiLetter(text.charCodeAt(start - 1))) start--;
  return start;
}

/**
 * Reads `three`, `twenty-three`, `two hundred and five thousand`, `a hundred`. `one` alone is none,
 * being mostly a pronoun, nor is `a million` without its number; `twenty, three` are two numbers.
 */
export function spelledAt(text: string, start: number): SpelledNumber | undefined {
  let sum = 0;
  let part = 0;
  let limit = Infinity;
  let end = start;
  let words = 0;
  for (let at = start; at >= 0; at = afterJoint(text, end, part % 100 === 0)) {
    const last = endOfWord(text, at);
    const word = text.slice(at, last).toLowerCase();
    const small = SMALL.get(word);
    const size = LARGE.get(word) ?? 0;
    if (small !== undefined && fitsBehind(part, small)) part += small;
    else if (size === 100 && part > 0 && part < 100) part *= 100;
    else if (size > 100 && part > 0 && size < limit) {
      sum += part * size;
      part = 0;
      limit = size;
    } else break;
    end = last;
    words++;
  }
  const value = sum + part;
  return words === 0 || (words === 1 && value === 1) ? undefined : { value, end };
}

/** `three` after `twenty` or `hundred`, `twenty` after `hundred`; not `three` after `four`. */
function fitsBehind(part: number, small: number): boolean {
  const rest = part % 100;
  return rest === 0 || (small < 10 && rest >= 20 && rest % 10 === 0);
}

/** Where the next word begins, behind a space, a hyphen or an `and`; -1 where none does. */
function afterJoint(text: string, end: number, mayBeAnd: boolean): number {
  const code = text.charCodeAt(end);
  if (code !== 32 && code !== 45) return -1;
  return mayBeAnd && text.startsWith("and ", end + 1) ? end + 5 : end + 1;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end - start <= LONGEST && isAsciiLetter(text.charCodeAt(end))) end++;
  return end;
}

function isAsciiLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
