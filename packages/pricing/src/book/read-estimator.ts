import type { RateCard } from "@burnrate/core";
import { optionError } from "@burnrate/core/adapter";
import { createCalibratedEstimator } from "../calibrated/calibrated-tokens.ts";
import { estimateInputTokens } from "../estimate/estimate-input-tokens.ts";
import type { InputEstimator } from "../estimate/input-estimator.ts";

const EXPECTED = '"bytes", "calibrated", or what exactTokens() returns';

/** @throws {ConfigError} `BR9001` when it is none. */
export function readEstimator(estimator: unknown): InputEstimator {
  if (estimator === undefined || estimator === "bytes") return { estimateInputTokens };
  if (estimator === "calibrated") return createCalibratedEstimator();
  if (!isEstimator(estimator)) throw optionError("estimator", estimator, EXPECTED);
  return {
    estimateInputTokens: (input: unknown, model?: RateCard) =>
      estimator.estimateInputTokens(input, model),
    ...(estimator.observe && {
      observe: (model: RateCard, estimatedTokens: number, inputTokens: number) =>
        estimator.observe?.(model, estimatedTokens, inputTokens),
    }),
  };
}

function isEstimator(value: unknown): value is InputEstimator {
  if (typeof value !== "object" || value === null) return false;
  const { estimateInputTokens: estimate, observe } = value as Partial<InputEstimator>;
  return typeof estimate === "function" && ["function", "undefined"].includes(typeof observe);
}
