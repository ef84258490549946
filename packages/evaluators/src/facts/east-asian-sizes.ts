import { numberValue } from "./number-value.ts";

const POWERS: ReadonlyMap<string, number> = new Map([
  ..."千천".split("").map((sign) => [sign, 3] as const),
  ..."万萬만".split("").map((sign) => [sign, 4] as const),
  ..."億亿억".split("").map((sign) => [sign, 8] as const),
  ["百", 2],
  ["兆", 12],
]);
/** `千` of `5千克` and `5千米` is a kilogram's and a kilometre's. */
const SIZE = /[百千천]?[万萬만億亿억兆]|[千천](?![克米瓦卡])/y;
/** The part behind, as the `2千` of `1万2千` or the ` 5000만` of `3억 5000만`. */
const NEXT = / ?(\d{1,4}(?:,\d{3})?)(?!\d|[.,]\d)/y;

/** `1万2千` is 12,000, `3.5亿` is 350,000,000; undefined where no such size stands behind the digits. */
export function eastAsianAt(
  text: string,
  start: number,
  digitsEnd: number,
): { readonly key: string; readonly end: number } | undefined {
  if (!(text.charCodeAt(digitsEnd) >= 0x4e00)) return undefined; // mostly
  let size = sizeAt(text, digitsEnd);
  if (size.length === 0) return undefined;
  let sum = worth(text.slice(start, digitsEnd), size.power);
  let end = digitsEnd + size.length;
  for (let least = size.power; least > 0; least = size.power) {
    const next = matchAt(NEXT, text, end);
    if (next === undefined) break;
    const [whole, digits = ""] = next;
    size = sizeAt(text, end + whole.length);
    if (size.power >= least || (size.length === 0 && whole !== digits)) break; // `3万 20人`
    sum += worth(digits, size.power);
    end += whole.length + size.length;
  }
  return Number.isNaN(sum) ? undefined : { key: String(sum), end }; // `1.2.3万`
}

function sizeAt(text: string, at: number): { readonly power: number; readonly length: number } {
  const signs = matchAt(SIZE, text, at)?.[0] ?? "";
  const power = [...signs].reduce((sum, sign) => sum + (POWERS.get(sign) ?? 0), 0);
  return { power, length: signs.length };
}

function worth(digits: string, power: number): number {
  return Number(numberValue(digits, power).key);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
