/** What one token of a model costs, in whole nano-dollars. */
export interface ModelRates {
  readonly inputNano: number;
  /** For the part of the input that came from the prompt cache. */
  readonly cachedInputNano: number;
  /** Reasoning tokens included. */
  readonly outputNano: number;
}

/**
 * What a request used so far. Cached tokens are part of the input, reasoning part of the output.
 */
export interface BilledUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly reasoningTokens: number;
}

/** The models that are served unless more are handed in. */
export const DEFAULT_RATES: Readonly<Record<string, ModelRates>> = {
  "gpt-5": { inputNano: 1250, cachedInputNano: 125, outputNano: 10_000 },
  "gpt-5-mini": { inputNano: 250, cachedInputNano: 25, outputNano: 2000 },
  "gpt-4.1-mini": { inputNano: 400, cachedInputNano: 100, outputNano: 1600 },
  "text-embedding-3-small": { inputNano: 20, cachedInputNano: 20, outputNano: 0 },
};

/**
 * The default rates with the caller's over them; a `Map`, so that no model name can reach a
 * prototype.
 * @throws RangeError when a rate is not a whole number of nano-dollars.
 */
export function rateTable(
  rates: Readonly<Record<string, ModelRates>> = {},
): ReadonlyMap<string, ModelRates> {
  const table = new Map(Object.entries({ ...DEFAULT_RATES, ...rates }));
  for (const [model, { inputNano, cachedInputNano, outputNano }] of table) {
    for (const rate of [inputNano, cachedInputNano, outputNano]) {
      if (!Number.isSafeInteger(rate) || rate < 0) {
        throw new RangeError(`The rates of "${model}" must be whole nano-dollars a token.`);
      }
    }
  }
  return table;
}

/** The bill for a usage, in nano-dollars. */
export function billNanoUsd(rates: ModelRates, usage: BilledUsage): number {
  const fresh = usage.inputTokens - usage.cacheReadTokens;
  return (
    fresh * rates.inputNano +
    usage.cacheReadTokens * rates.cachedInputNano +
    usage.outputTokens * rates.outputNano
  );
}
