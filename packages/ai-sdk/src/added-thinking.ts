import { fieldsOf } from "./sdk-types.ts";

/** What the provider for Anthropic adds where thinking has no budget. */
const DEFAULT_BUDGET = 1_024;

/**
 * Output tokens that the SDK's providers for Claude (Anthropic, Bedrock, Vertex) add to the output
 * limit that they are given, after every hook: the budget of fixed thinking, under whatever name the
 * provider has. Adaptive thinking is inside of the limit.
 *
 * @see https://ai-sdk.dev/providers/ai-sdk-providers/anthropic#reasoning
 * @see https://ai-sdk.dev/providers/ai-sdk-providers/amazon-bedrock#reasoning
 */
export function addedThinking(providerOptions: unknown): number {
  if (providerOptions === undefined) return 0;
  let most = 0;
  for (const options of Object.values(fieldsOf(providerOptions))) {
    const { thinking, reasoningConfig } = fieldsOf(options);
    most = Math.max(most, budgetOf(thinking, DEFAULT_BUDGET), budgetOf(reasoningConfig, 0));
  }
  return most;
}

function budgetOf(thinking: unknown, unsaid: number): number {
  const { type, budgetTokens = unsaid } = fieldsOf(thinking);
  if (type !== "enabled" || typeof budgetTokens !== "number") return 0;
  const tokens = Math.ceil(budgetTokens);
  return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}
