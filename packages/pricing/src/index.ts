export { createPriceBook, type PriceBookOptions } from "./book/price-book.ts";
export { estimateInputTokens } from "./estimate/estimate-input-tokens.ts";
export type { PriceOverride, Usd } from "./overrides/override.ts";
export { type PricedUsage, type PriceUsageOptions, priceUsage } from "./price-usage.ts";
