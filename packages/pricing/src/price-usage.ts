import { type PriceBook, type RateCard, systemClock, type Usage } from "@burnrate/core";
import { checkUsage } from "@burnrate/core/adapter";
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

/** When, and at whose prices. */
export interface PriceUsageOptions {
  /** When the call was made (default: now); prices have dates. */
  readonly at?: Date | number;
  /** Default: the list prices. */
  readonly prices?: PriceBook;
}

let listPrices: PriceBook | undefined;

/**
 * Prices a usage with a dated rate card, as a guard does. A model that is not known is `unknown`,
 * never $0; a figure that cannot be (negative, fractional, NaN, above a billion tokens) is
 * `invalid`, never a refund. Does not throw, whatever it is given for provider, model and usage.
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
  const atMs = Number(options.at ?? systemClock.wallMs());
  if (!Number.isFinite(atMs)) return invalid("at is not a time");
  listPrices ??= createPriceBook();
  const prices = options.prices ?? listPrices;
  try {
    const checked = checkUsage(usage);
    if (checked.kind === "unusable") return invalid(checked.anomaly);
    const rateCard = prices.resolve(provider ?? "", model, atMs);
    if (rateCard === undefined) return unknown(provider, model);
    return { kind: "priced", nanoUsd: rateCard.cost(checked.usage), rateCard };
  } catch {
    return invalid("usage is no object that can be read");
  }
}

function invalid(reason: string): PricedUsage {
  return { kind: "invalid", reason };
}

function unknown(provider: unknown, model: unknown): PricedUsage {
  const names = { provider: textOf(provider), model: textOf(model) };
  const nearest = nearestModel(names.provider, names.model);
  return { kind: "unknown", ...names, ...(nearest !== undefined && { nearest }) };
}

/** What is no text names nothing. */
function textOf(name: unknown): string {
  return typeof name === "string" ? name : "";
}
