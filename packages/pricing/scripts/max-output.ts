/**
 * The most output tokens of well-known models, by `provider/id` as genai-prices spells it, taken
 * from the makers' model pages; the data set itself has only context windows. What matters most is a
 * maximum below 16,384: the guard sends that to a model whose own it does not know, and OpenAI,
 * Anthropic and Bedrock answer a limit above the model's with a 400. A model that is not certain is not here: a
 * wrong maximum cuts answers short.
 *
 * @see https://platform.openai.com/docs/models
 * @see https://docs.claude.com/en/docs/about-claude/models/overview
 * @see https://docs.aws.amazon.com/nova/latest/userguide/what-is-nova.html
 * @see https://ai.google.dev/gemini-api/docs/models
 * @see https://api-docs.deepseek.com/quick_start/pricing
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
  "openai/gpt-4o-2024-05-13": 4_096,
  "openai/gpt-4-turbo": 4_096,
  "openai/gpt-4": 4_096, // half of a context of 8,192, which the input has a part in
  "openai/gpt-3.5-turbo": 4_096,
  "openai/gpt-3.5-turbo-1106": 4_096,
  "openai/ft:gpt-3.5-turbo-": 4_096,
  "openai/o1": 100_000,
  "openai/o3": 100_000,
  "openai/o3-mini": 100_000,
  "openai/o4-mini": 100_000,
  "anthropic/claude-sonnet-4-5": 64_000,
  "anthropic/claude-sonnet-4-0": 64_000,
  "anthropic/claude-haiku-4-5": 64_000,
  "anthropic/claude-opus-4-0": 32_000,
  "anthropic/claude-opus-4-1": 32_000,
  "anthropic/claude-3-5-sonnet": 8_192,
  "anthropic/claude-3-5-haiku-latest": 8_192,
  "anthropic/claude-3-opus-latest": 4_096,
  "anthropic/claude-3-sonnet": 4_096,
  "anthropic/claude-3-haiku": 4_096,
  "aws/regional.anthropic.claude-3-5-sonnet-20240620-v1:0": 4_096, // half of what its maker allows
  "aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0": 8_192,
  "aws/regional.anthropic.claude-3-5-haiku-20241022-v1:0": 8_192,
  "aws/regional.anthropic.claude-3-opus-20240229-v1:0": 4_096,
  "aws/regional.anthropic.claude-3-sonnet-20240229-v1:0": 4_096,
  "aws/regional.anthropic.claude-3-haiku-20240307-v1:0": 4_096,
  "aws/amazon.nova-micro-v1:0": 10_000,
  "aws/amazon.nova-lite-v1:0": 10_000,
  "aws/amazon.nova-pro-v1:0": 10_000,
  "google/claude-3-5-sonnet": 8_192,
  "google/claude-3-5-haiku": 8_192,
  "google/claude-3-opus": 4_096,
  "google/claude-3-haiku": 4_096,
  "google/gemini-2.5-pro": 65_536,
  "google/gemini-2.5-flash": 65_536,
  "google/gemini-2.5-flash-lite": 65_536,
  "google/gemini-2.0-flash": 8_192,
  "google/gemini-2.0-flash-lite": 8_192,
  "google/gemini-1.5-pro": 8_192,
  "google/gemini-1.5-flash": 8_192,
  "deepseek/deepseek-chat": 8_192,
};
