import type { PriceRow, RowPrices, RowVariant } from "../data/price-row.ts";
import { type Rate, rateFromFemto } from "../rates/rate.ts";
import type { PricedModel } from "../rates/rate-card.ts";
import { fillRates, type KnownRates, type RateName, type Tiers } from "../rates/rate-set.ts";
import type { Variant } from "../rates/schedule.ts";

const RATES: Readonly<Record<keyof RowPrices, RateName>> = {
  in: "input",
  out: "output",
  read: "cacheRead",
  write5m: "cacheWrite5m",
  write1h: "cacheWrite1h",
  reasoning: "reasoning",
  audioIn: "audioInput",
  audioOut: "audioOutput",
  audioRead: "audioCacheRead",
  imageIn: "imageInput",
  imageOut: "imageOutput",
  request: "request",
  image: "image",
  second: "second",
};

/**
 * Makes a model of a line of data. `changes` replaces rates in every tier and at every date, as an
 * override does.
 */
export function readRow(provider: string, row: PriceRow, changes: KnownRates = {}): PricedModel {
  const [first, ...others] = row.prices;
  const isClaude = provider === "anthropic" || row.id.toLowerCase().includes("claude");
  const read = (variant: RowVariant) => readVariant(variant, changes, isClaude);
  return {
    id: row.id,
    ...(row.maxIn !== undefined && { maxInputTokens: row.maxIn }),
    ...(row.maxOut !== undefined && { maxOutputTokens: row.maxOut }),
    ...(row.minSeconds !== undefined && { minSeconds: row.minSeconds }),
    schedule: [read(first), ...others.map(read)],
  };
}

function readVariant(variant: RowVariant, changes: KnownRates, isClaude: boolean): Variant {
  const { since, daily, tiers = [] } = variant;
  const rates = (prices: RowPrices) =>
    fillRates({ ...readPrices(prices), ...changes }, { isClaude });
  const all: Tiers = [
    { above: -1, rates: rates(variant) },
    ...tiers.map((tier) => ({ above: tier.above, rates: rates(tier) })),
  ];
  return {
    ...(since !== undefined && { sinceMs: Date.parse(`${since}T00:00:00Z`) }),
    ...(daily !== undefined && { daily: [timeMs(daily[0]), timeMs(daily[1])] as const }),
    tiers: all,
  };
}

function readPrices(prices: RowPrices): KnownRates {
  const rates: Partial<Record<RateName, Rate>> = {};
  for (const [key, name] of Object.entries(RATES)) {
    const femto = prices[key as keyof RowPrices];
    if (femto !== undefined) rates[name] = rateFromFemto(femto);
  }
  return rates;
}

function timeMs(time: string): number {
  return Date.parse(`1970-01-01T${time}`);
}
