import { scaleDecimal } from "./decimal.ts";
import { optionError } from "./option-error.ts";

const NANO_DIGITS = 9;
const NANO_PER_DOLLAR = 10 ** NANO_DIGITS;

/**
 * Turns a limit in dollars into whole nano-dollars, exactly, by its decimal digits: 0.1 is
 * 100,000,000. Text may group thousands (`1,000` or `1_000`) and have an exponent (`1.5e3`).
 * `given` is what an error shows when it is not the amount itself.
 *
 * @throws {ConfigError} `BR9001` for anything that is not above zero, is finer than a nano-dollar,
 *   or is above $9,007,199, where nano-dollars stop fitting a `number`.
 */
export function usdToNano(path: string, amount: number | string, given: unknown = amount): number {
  const scaled = scaleDecimal(amount, NANO_DIGITS);
  switch (scaled.kind) {
    case "whole":
      if (scaled.value > 0) return scaled.value;
      throw optionError(path, given, "an amount above $0");
    case "fractional":
      throw optionError(path, given, "at most 9 decimals: whole nano-dollars");
    case "too-large":
      throw optionError(path, given, "at most $9,007,199, the most that is counted exactly");
    default:
      throw optionError(path, given, 'an amount of dollars, such as 0.5 or "1,000"');
  }
}

/**
 * The same for what somebody says was spent. Providers' figures are finer than a nano-dollar: rounded
 * up. What is not above zero is the caller's to check.
 * @throws {ConfigError} `BR9001` for what is no number, or above $9,007,199.
 */
export function spentToNano(path: string, amount: number): number {
  const isFiner = scaleDecimal(amount, NANO_DIGITS).kind === "fractional";
  return isFiner ? Math.ceil(amount * NANO_PER_DOLLAR) : usdToNano(path, amount);
}

/**
 * Shows nano-dollars as dollars, exactly: at least two decimals, as many as there are, no float
 * noise. A negative amount, such as an overdrawn remainder, is `-$0.50`.
 */
export function formatUsd(nano: number): string {
  if (!Number.isSafeInteger(nano)) return `$${nano / NANO_PER_DOLLAR}`;
  const size = Math.abs(nano);
  const dollars = Math.floor(size / NANO_PER_DOLLAR);
  const fraction = String(size % NANO_PER_DOLLAR).padStart(NANO_DIGITS, "0");
  const decimals = fraction.slice(0, 2) + fraction.slice(2).replace(/0+$/, "");
  return `${nano < 0 ? "-" : ""}$${dollars}.${decimals}`;
}
