import { optionError, scaleDecimal } from "@burnrate/core/adapter";
import { type Rate, rateFromFemto } from "../rates/rate.ts";

/**
 * Decimals of a dollar that make whole femto-dollars, the finest that a rate holds, for each unit.
 */
const FEMTO_DECIMALS = { one: 15, million: 9 } as const;
const NANO_TO_FEMTO_DECIMALS = 6;

/**
 * Reads a price in dollars, exactly, by its decimal digits. Above some $9 a unit femto-dollars no
 * longer fit a number, and the price must be whole nano-dollars.
 *
 * @throws {ConfigError} `BR9001` when it is no plain decimal, negative, too fine or too large.
 */
export function usdToRate(path: string, usd: unknown, units: "million" | "one"): Rate {
  const decimals = FEMTO_DECIMALS[units];
  const amount = typeof usd === "number" ? usd : typeof usd === "string" ? usd.trim() : "";
  const femto = scaleDecimal(amount, decimals);
  if (femto.kind === "whole" && femto.value >= 0) return rateFromFemto(femto.value);
  if (femto.kind !== "too-large") {
    throw optionError(path, usd, `a price in dollars from 0, with at most ${decimals} decimals`);
  }
  const nano = scaleDecimal(amount, decimals - NANO_TO_FEMTO_DECIMALS);
  if (nano.kind === "whole") return Object.freeze({ nano: nano.value, millionths: 0 });
  throw optionError(path, usd, "at most $9,007,199, and whole nano-dollars above $9 a unit");
}
