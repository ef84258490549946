/** A price in dollars: a number or decimal text. Read by its digits, so 0.1 is exactly 0.1. */
export type Usd = number | string;

/**
 * Prices and limits of one model, in the units of a price list. What is left out stays as the
 * data (or the model that this one extends) has it; for a new model it falls back: caches and
 * audio to input, reasoning to output. A price given here holds in every tier and at every date.
 */
export interface PriceOverride {
  /** A model in the data to start from, such as `openai/gpt-5`. */
  readonly extends?: string;
  readonly inputPerMillionUsd?: Usd;
  readonly outputPerMillionUsd?: Usd;
  readonly cacheReadPerMillionUsd?: Usd;
  readonly cacheWrite5mPerMillionUsd?: Usd;
  readonly cacheWrite1hPerMillionUsd?: Usd;
  readonly reasoningPerMillionUsd?: Usd;
  readonly audioInputPerMillionUsd?: Usd;
  readonly audioOutputPerMillionUsd?: Usd;
  readonly audioCacheReadPerMillionUsd?: Usd;
  readonly imageInputPerMillionUsd?: Usd;
  readonly imageOutputPerMillionUsd?: Usd;
  readonly perRequestUsd?: Usd;
  readonly perImageUsd?: Usd;
  readonly perSecondUsd?: Usd;
  /** Of text that is spoken. A price by the thousand or million is divided by that. */
  readonly perCharacterUsd?: Usd;
  /** Of a ranking: what the provider counts as one, such as a query over up to 100 documents. */
  readonly perSearchUnitUsd?: Usd;
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  /** Other exact ids of the same model. */
  readonly aliases?: readonly string[];
}
