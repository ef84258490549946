import type { PriceBook, RateCard, Usage } from "@burnrate/core";
import { createPriceBook } from "./book/price-book.ts";
import { nearestModel } from "./catalog/nearest-model.ts";

/** What a usage costs, or why that cannot be said. */
export type PricedUsage =
  | {
      readonly kind: "priced";
      /** Whole nano-dollars, rounded up. */
      readonly nanoUsd: number;
      /** The prices that were used. */
      readonly rateCard: RateCard;
    }
  | {
      readonly kind: "unknown";
      readonly provider: string;
      readonly model: string;
      /** The id that was probably meant; never used for the price. */
      readonly nearest?: string;
    }
  | { readonly kind: "invalid"; readonly reason: string };

export interface PriceUsageOptions {
  /** When the call was made (default: now); prices have dates. */
  readonly at?: Date | number;
  /** Default: the list prices. */
  readonly prices?: PriceBook;
}

const COUNTS = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "reasoningTokens",
  "audioInputTokens",
  "audioOutputTokens",
  "audioCacheReadTokens",
  "imageInputTokens",
  "imageOutputTokens",
  "images",
] as const satisfies readonly (keyof Usage)[];

let listPrices: PriceBook | undefined;

/**
 * Prices a usage with a dated rate card. A model that is not known is `unknown`, never $0; a count
 * that cannot be (negative, fractional, NaN, infinite) is `invalid`, never a refund.
 *
 * @example
 * const result = priceUsage("openai", "gpt-5", { inputTokens: 10_000, outputTokens: 1_000 });
 * if (result.kind === "priced") console.log(result.nanoUsd / 1e9, result.rateCard.model);
 */
export function priceUsage(
  provider: string | undefined,
  model: string,
  usage: Usage,
  options: PriceUsageOptions = {},
): PricedUsage {
  const reason = whyInvalid(usage);
  if (reason !== undefined) return { kind: "invalid", reason };
  listPrices ??= createPriceBook();
  const prices = options.prices ?? listPrices;
  const atMs = Number(options.at ?? Date.now());
  if (!Number.isFinite(atMs)) return { kind: "invalid", reason: "at is not a time" };
  const rateCard = prices.resolve(provider ?? "", model, atMs);
  if (rateCard !== undefined) return { kind: "priced", nanoUsd: rateCard.cost(usage), rateCard };
  const nearest = nearestModel(provider ?? "", model);
  return { kind: "unknown", provider: provider ?? "", model, ...(nearest && { nearest }) };
}

function whyInvalid(usage: unknown): string | undefined {
  if (typeof usage !== "object" || usage === null) return "usage is not an object";
  const held = usage as Readonly<Record<string, unknown>>;
  for (const field of COUNTS) {
    const required = field === "inputTokens" || field === "outputTokens";
    const value = held[field];
    if (value === undefined && !required) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      return `${field} is not a whole number from 0`;
    }
  }
  const { seconds } = held;
  const isDuration = typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0;
  return seconds === undefined || isDuration ? undefined : "seconds is not a duration from 0";
}
