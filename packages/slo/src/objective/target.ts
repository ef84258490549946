import { optionError } from "@burnrate/core/adapter";

/** Finer targets mean nothing: one bad call in a trillion. */
const MAX_DIGITS = 12;
const FRACTION = /^(?:0?\.\d+|[01](?:\.\d+)?)$/;
const PERCENT = /^(\d{1,3}(?:\.\d+)?)\s?%$/;

/**
 * A target and what it leaves, as decimal texts and as the numbers of exactly these texts. Rules
 * and engine compare with the same digits: `1 - 0.99` in binary is 0.010000000000000009, and sparse
 * traffic hits exact ties.
 */
export interface Target {
  /** `"0.995"`. */
  readonly text: string;
  /** 0.995. */
  readonly value: number;
  /** `"0.005"`: the share of events that may be bad. */
  readonly budgetText: string;
  /** 0.005; 0 for a target of 100 %, which has no budget. */
  readonly budget: number;
}

/**
 * Reads `0.995`, `"0.995"` or `"99.5 %"` by its digits.
 * @throws {ConfigError} `BR9001` for what is no share above 0 and up to 1.
 */
export function checkTarget(path: string, given: unknown): Target {
  const digits = digitsOf(given);
  if (digits === undefined) throw optionError(path, given, expected(given));
  const unit = 10n ** BigInt(MAX_DIGITS);
  const left = unit - digits;
  if (digits <= 0n || left < 0n) throw optionError(path, given, expected(given));
  const text = decimalText(digits);
  const budgetText = decimalText(left);
  return { text, value: Number(text), budgetText, budget: Number(budgetText) };
}

function expected(given: unknown): string {
  const base = 'a share above 0 and up to 1 with at most 12 decimals, such as 0.995 or "99.5 %"';
  const isPercent = typeof given === "number" && given > 1 && given <= 100;
  return isPercent ? `${base} (${given} % is ${Number((given / 100).toPrecision(12))})` : base;
}

/** The target in units of 10^−12. */
function digitsOf(given: unknown): bigint | undefined {
  const text = typeof given === "number" ? plainText(given) : given;
  if (typeof text !== "string") return undefined;
  const percent = PERCENT.exec(text)?.[1];
  if (percent !== undefined) return scaled(percent, MAX_DIGITS - 2);
  return FRACTION.test(text) ? scaled(text, MAX_DIGITS) : undefined;
}

/** Without an exponent, which `1e-7` would have. */
export function plainText(value: number): string {
  const text = String(value);
  if (!/e-/.test(text)) return text;
  return value.toFixed(20).replace(/0+$/, "");
}

/** `text` × 10^`places`; undefined when that is no whole number. */
export function scaled(text: string, places: number): bigint | undefined {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > places) return undefined;
  return BigInt(whole + kept.padEnd(places, "0"));
}

/** Units of 10^−`places` as decimal text without needless zeros. */
export function decimalText(units: bigint, places: number = MAX_DIGITS): string {
  const text = units.toString().padStart(places + 1, "0");
  const whole = text.slice(0, -places);
  const fraction = text.slice(-places).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
