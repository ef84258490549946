/**
 * The most output tokens of well-known models, by `provider/id` as genai-prices spells it, taken
 * from the makers' model pages; the data set itself has only context windows. A model that is not
 * certain is not here: an unknown maximum costs nothing, a wrong one cuts answers short.
 *
 * @see https://platform.openai.com/docs/models
 * @see https://docs.claude.com/en/docs/about-claude/models/overview
 * @see https://ai.google.dev/gemini-api/docs/models
 */
export const MAX_OUTPUT_TOKENS: Readonly<Record<string, number>> = {
  "openai/gpt-5": 128_000,
  "openai/gpt-5-mini": 128_000,
  "openai/gpt-5-nano": 128_000,
  "openai/gpt-4.1": 32_768,
  "openai/gpt-4.1-mini": 32_768,
  "openai/gpt-4.1-nano": 32_768,
  "openai/gpt-4o": 16_384,
  "openai/gpt-4o-mini": 16_384,
  "openai/o1": 100_000,
  "openai/o3": 100_000,
  "openai/o3-mini": 100_000,
  "openai/o4-mini": 100_000,
  "anthropic/claude-sonnet-4-5": 64_000,
  "anthropic/claude-sonnet-4-0": 64_000,
  "anthropic/claude-haiku-4-5": 64_000,
  "anthropic/claude-opus-4-0": 32_000,
  "anthropic/claude-opus-4-1": 32_000,
  "google/gemini-2.5-pro": 65_536,
  "google/gemini-2.5-flash": 65_536,
  "google/gemini-2.5-flash-lite": 65_536,
};
