export { createPriceBook, type PriceBookOptions } from "./book/price-book.ts";
export { estimateInputTokens } from "./estimate/estimate-input-tokens.ts";
export type { InputEstimator } from "./estimate/input-estimator.ts";
export type { CountTokens } from "./exact/exact-measure.ts";
export { type ExactTokensOptions, exactTokens } from "./exact/exact-tokens.ts";
export type { PriceOverride, Usd } from "./overrides/override.ts";
export { type PricedUsage, type PriceUsageOptions, priceUsage } from "./price-usage.ts";
