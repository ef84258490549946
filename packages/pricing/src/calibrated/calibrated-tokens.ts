import type { RateCard } from "@burnrate/core";
import { BYTES } from "../estimate/byte-measure.ts";
import type { InputEstimator } from "../estimate/input-estimator.ts";
import { measureInput } from "../estimate/measure-input.ts";
import { kindOf } from "./input-kind.ts";
import { ModelRatiosCache } from "./model-ratios.ts";
import { RecentEstimates } from "./recent-estimates.ts";

const MAX_MODELS = 256;

/**
 * Estimates input as the part of its byte bound that inputs of this model, size and kind have had
 * until now: for `createPriceBook({ estimator: "calibrated" })`. It learns from what providers
 * report, in this process alone, and is the byte bound until it has learnt.
 */
export function createCalibratedEstimator(): Required<InputEstimator> {
  const models = new ModelRatiosCache(MAX_MODELS);
  const recent = new RecentEstimates();
  return Object.freeze({
    estimateInputTokens(input: unknown, card?: RateCard): number {
      BYTES.files = false;
      const bound = measureInput(input, BYTES);
      if (card === undefined) return bound;
      const model = models.of(card);
      const kind = kindOf(input, bound, BYTES.files);
      const estimate = Math.ceil(bound * model.ratio(kind));
      recent.remember(model, estimate, bound, kind);
      return estimate;
    },
    observe(card: RateCard, estimatedTokens: number, inputTokens: number): void {
      if (!(inputTokens > 0 && Number.isSafeInteger(inputTokens))) return;
      const model = models.of(card);
      const basis = recent.find(model, estimatedTokens);
      if (basis !== undefined) model.observe(basis.kind, inputTokens / basis.bound);
    },
  });
}
