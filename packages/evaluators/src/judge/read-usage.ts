import type { Usage } from "@burnrate/core";
import { read } from "../shape.ts";

/**
 * Tokens as AI SDK models (numbers in v2, `{ total }` since v3) and LangChain messages
 * (`input_tokens`) report them; undefined when either count is missing.
 */
export function readUsage(usage: unknown): Usage | undefined {
  const inputTokens = countOf(read(usage, "inputTokens") ?? read(usage, "input_tokens"));
  const outputTokens = countOf(read(usage, "outputTokens") ?? read(usage, "output_tokens"));
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cached =
    read(usage, "cachedInputTokens") ??
    read(read(usage, "inputTokens"), "cacheRead") ??
    read(read(usage, "input_token_details"), "cache_read");
  const cacheReadTokens = countOf(cached);
  return { inputTokens, outputTokens, ...(cacheReadTokens !== undefined && { cacheReadTokens }) };
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === "number" ? value : read(value, "total");
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
