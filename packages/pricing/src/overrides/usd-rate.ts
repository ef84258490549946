import { optionError } from "../option-error.ts";
import type { Rate } from "../rates/rate.ts";

const DECIMAL = /^(\d{1,15})(?:\.(\d{1,40}))?(?:e([+-]?\d{1,2}))?$/i;
const MILLION = 1_000_000n;

/** Decimals of a dollar that fit a rate: millionths of a nano-dollar. */
const RATE_DECIMALS = 15;

/**
 * Reads a price in dollars, exactly, by its decimal digits. `decimals` are those that a unit
 * leaves room for: 9 for a million tokens, 15 for one request.
 *
 * @throws ConfigError `BR9001` when it is no plain decimal, negative, too fine or too large.
 */
export function usdToRate(path: string, usd: unknown, units: "million" | "one"): Rate {
  const decimals = units === "million" ? RATE_DECIMALS - 6 : RATE_DECIMALS;
  const expected = `a price in dollars from 0, with at most ${decimals} decimals`;
  const text = typeof usd === "number" || typeof usd === "string" ? String(usd).trim() : "";
  const match = DECIMAL.exec(text);
  if (match === null) throw optionError(path, usd, expected);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent) - fraction.length + decimals;
  const factor = 10n ** BigInt(Math.abs(shift));
  const digits = BigInt(whole + fraction);
  if (shift < 0 && digits % factor !== 0n) throw optionError(path, usd, expected);
  const femto = shift < 0 ? digits / factor : digits * factor;
  const nano = femto / MILLION;
  if (nano > BigInt(Number.MAX_SAFE_INTEGER)) throw optionError(path, usd, "at most $9,007,199");
  return Object.freeze({ nano: Number(nano), millionths: Number(femto % MILLION) });
}
