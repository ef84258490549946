const MAX_DIGITS = 40;
const ZERO = 48;
/** So many digits a floating-point number keeps whatever they are. */
const EXACT_DIGITS = 15;
const WHOLE = /^\d+$/;
/** Thousands between commas, points, spaces or apostrophes; hundreds of thousands as in India. */
const GROUPED =
  /^\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3}){2,}|(?:['’ \u00a0\u2009\u202f]\d{3})+)$|^\d{1,2}(?:,\d{2})+,\d{3}$/;
/** The same with a decimal part. */
const GROUPED_DECIMAL =
  /^(\d{1,3}(?:(?:,\d{3})+|(?:['’ \u00a0\u2009\u202f]\d{3})+)|\d{1,2}(?:,\d{2})+,\d{3})\.(\d+)$|^(\d{1,3}(?:(?:\.\d{3})+|(?:['’ \u00a0\u2009\u202f]\d{3})+)),(\d+)$/;
const DECIMAL = /^(\d*)[.,](\d+)$/;
const NOT_DIGITS = /\D/g;

/** What digits are worth, and what else they may mean: all of `other` together. */
export interface NumberValue {
  readonly key: string;
  readonly other?: readonly string[];
}

/**
 * The value of digits with separators, times a power of ten. `1,234.5`, `1 234,5` and `1234.50` have
 * one key. What is no number (`1.2.3`, `1,2`, a list or a version) is its own key, or its parts.
 */
export function numberValue(digits: string, power: number): NumberValue {
  if (WHOLE.test(digits)) return { key: scaled(digits, "", power) };
  if (digits.length > MAX_DIGITS) return { key: digits };
  if (GROUPED.test(digits)) {
    const key = scaled(digits.replace(NOT_DIGITS, ""), "", power);
    return digits.includes(" ") ? { key, other: partsOf(digits) } : { key };
  }
  const grouped = GROUPED_DECIMAL.exec(digits);
  if (grouped !== null) {
    const whole = (grouped[1] ?? grouped[3] ?? "").replace(NOT_DIGITS, "");
    return { key: scaled(whole, grouped[2] ?? grouped[4] ?? "", power) };
  }
  const decimal = DECIMAL.exec(digits);
  if (decimal === null) return { key: digits, other: partsOf(digits) };
  const [, whole = "", fraction = ""] = decimal;
  const key = scaled(whole, fraction, power);
  const mayBeGroup = fraction.length === 3 && whole.length > 0 && whole.length < 4 && whole !== "0";
  return mayBeGroup ? { key, other: [scaled(whole + fraction, "", power)] } : { key };
}

function partsOf(digits: string): readonly string[] {
  return digits.split(NOT_DIGITS).map((part) => scaled(part, "", 0));
}

/** Written as `String(number)` would, but exact for whole numbers of any length. */
function scaled(whole: string, fraction: string, power: number): string {
  const isPlain = power === 0 && whole.charCodeAt(0) > ZERO;
  if (isPlain && whole.length + fraction.length <= EXACT_DIGITS) return plain(whole, fraction);
  if (fraction === "" && power === 0) return whole.replace(/^0+(?=\d)/, "");
  return String(Number(`${whole === "" ? "0" : whole}.${fraction}0e${power}`));
}

/** What most numbers are, without a detour over a floating-point one. */
function plain(whole: string, fraction: string): string {
  let end = fraction.length;
  while (end > 0 && fraction.charCodeAt(end - 1) === ZERO) end--;
  return end === 0 ? whole : `${whole}.${fraction.slice(0, end)}`;
}
