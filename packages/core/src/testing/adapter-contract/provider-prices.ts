import type { Usage } from "../../call/usage.ts";
import type { PriceBook, RateCard } from "../../ports/price-book.ts";
import { DEFAULT_RATES, type ModelRates } from "../fake-provider/billing.ts";

/** On top of the bytes of the input: a fixed margin for what a framework adds to a request. */
const MARGIN_TOKENS = 200;

/**
 * Prices exactly as the fake provider bills, so that the two ledgers can be compared to the
 * nano-dollar.
 */
export const providerPrices: PriceBook = {
  version: "fake-provider",
  resolve: (_provider, model) => cardOf(model),
  dearest: () => cardOf("gpt-5"),
  estimateInputTokens: (input) => Buffer.byteLength(JSON.stringify(input) ?? "") + MARGIN_TOKENS,
};

function cardOf(model: string): RateCard | undefined {
  const rates = Object.hasOwn(DEFAULT_RATES, model) ? DEFAULT_RATES[model] : undefined;
  return rates === undefined ? undefined : toCard(model, rates);
}

function toCard(model: string, rates: ModelRates): RateCard {
  const ceiling = (input: number, output: number): number =>
    input * rates.inputNano + output * rates.outputNano;
  return {
    provider: "openai",
    model,
    cost: (usage: Usage) =>
      ceiling(usage.inputTokens, usage.outputTokens) -
      (usage.cacheReadTokens ?? 0) * (rates.inputNano - rates.cachedInputNano),
    ceiling,
    affordableOutputTokens: (input, nanoUsd) =>
      Math.floor((nanoUsd - input * rates.inputNano) / rates.outputNano),
  };
}
