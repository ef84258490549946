import type { RateCard } from "@burnrate/core";

/** How a price book estimates the input of a call: what it reserves for it before it is sent. */
export interface InputEstimator {
  /**
   * Whole tokens of a request's input. `model`: its card, undefined when its price is not known.
   * Must not throw.
   */
  estimateInputTokens(input: unknown, model?: RateCard): number;
  /** What was answered for a call that then succeeded, and what its provider counted. */
  observe?(model: RateCard, estimatedTokens: number, inputTokens: number): void;
}
