import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.ts";
import { formatUsd, usdToNano } from "./money.ts";

const anyNano = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe("usdToNano", () => {
  it.each<[number | string, number]>([
    [0.1, 100_000_000],
    [0.3, 300_000_000],
    [1.1, 1_100_000_000],
    [5, 5_000_000_000],
    [1e-9, 1],
    [0.000000001, 1],
    [1.0234567, 1_023_456_700],
    [4.35, 4_350_000_000],
    [9_007_199.25474099, 9_007_199_254_740_990],
    ["9007199.254740991", Number.MAX_SAFE_INTEGER],
    ["1,000", 1_000_000_000_000],
    ["1_000.50", 1_000_500_000_000],
    ["1.5e3", 1_500_000_000_000],
    ["0.10000000000", 100_000_000],
  ])("counts %s dollars exactly", (usd, nano) => {
    expect(usdToNano("limit.usd", usd)).toBe(nano);
  });

  it.each<[number | string, string]>([
    [Number.NaN, "an amount of dollars"],
    [Number.POSITIVE_INFINITY, "an amount of dollars"],
    ["", "an amount of dollars"],
    ["1,5", "an amount of dollars"],
    ["1.000,00", "an amount of dollars"],
    ["10,00", "an amount of dollars"],
    ["0x10", "an amount of dollars"],
    [" 5", "an amount of dollars"],
    ["1e9999999999", "an amount of dollars"],
    ["9".repeat(1_000_000), "an amount of dollars"],
    [0, "above $0"],
    [-0, "above $0"],
    [-5, "above $0"],
    [1e-10, "at most 9 decimals"],
    ["0.30000000000000004", "at most 9 decimals"],
    [1 / 3, "at most 9 decimals"],
    [9_007_200, "at most $9,007,199"],
    ["1e999", "at most $9,007,199"],
    [Number.MAX_VALUE, "at most $9,007,199"],
  ])("refuses %.20s dollars and says why", (usd, why) => {
    expect(() => usdToNano("limit.usd", usd)).toThrow(ConfigError);
    expect(() => usdToNano("limit.usd", usd)).toThrow(why);
  });

  it.each([
    [0.1 + 0.2, 300_000_000],
    [3 * 1.1, 3_300_000_000],
    [0.07 * 100, 7_000_000_000],
  ])("takes %d dollars, which somebody computed, for what was meant", (usd, nano) => {
    expect(usdToNano("limit.usd", usd)).toBe(nano);
  });

  it("reads back every amount that it shows", () => {
    fc.assert(
      fc.property(anyNano, (nano) => {
        expect(usdToNano("usd", formatUsd(nano).slice(1))).toBe(nano);
      }),
    );
  });

  it("turns every number of whole cents into exactly that many", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900_000_000 }), (cents) => {
        expect(usdToNano("usd", cents / 100)).toBe(cents * 10_000_000);
      }),
    );
  });
});

describe("formatUsd", () => {
  it.each([
    [500_000_000, "$0.50"],
    [1_023_456_700, "$1.0234567"],
    [5_000_000_000, "$5.00"],
    [1, "$0.000000001"],
    [0, "$0.00"],
    [-0, "$0.00"],
    [-500_000_000, "-$0.50"],
    [-1, "-$0.000000001"],
    [Number.MAX_SAFE_INTEGER, "$9007199.254740991"],
    [Number.POSITIVE_INFINITY, "$Infinity"],
  ])("shows %d nano-dollars as %s", (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });
});
