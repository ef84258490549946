import type { Usage } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";

/**
 * Figures worked by hand from the makers' list prices, in dollars a million tokens; never copied
 * from the code under test. 1 $/M is 1,000 nano-dollars a token, so the last column is the sum of
 * tokens × price × 1,000.
 */
interface Row {
  readonly id: string;
  readonly sum: string;
  readonly nano: number;
  readonly at?: string;
  readonly usage: Partial<Usage>;
}

const AUTUMN = "2026-10-01T12:00:00Z";

function row(id: string, usage: Partial<Usage>, sum: string, nano: number, at = AUTUMN): Row {
  return { id, usage, sum, nano, at };
}

const input = (inputTokens: number, details: Partial<Usage> = {}): Partial<Usage> => ({
  inputTokens,
  ...details,
});

const ROWS: readonly Row[] = [
  // OpenAI: cached reads, reasoning, small models
  row("openai/gpt-5", { inputTokens: 1, outputTokens: 0 }, "1×1.25", 1_250),
  row("openai/gpt-5", { outputTokens: 1 }, "1×10", 10_000),
  row(
    "openai/gpt-5",
    input(10_000, { cacheReadTokens: 8_000, outputTokens: 1_000 }),
    "2000×1.25 + 8000×0.125 + 1000×10",
    13_500_000,
  ),
  row(
    "openai/gpt-5-2025-08-07",
    input(1_000, { outputTokens: 900, reasoningTokens: 832 }),
    "1000×1.25 + 900×10, reasoning is output",
    10_250_000,
  ),
  row(
    "openai.responses/gpt-5-mini",
    input(1_000, { outputTokens: 1_000 }),
    "0.25k + 2k",
    2_250_000,
  ),
  row("openai/gpt-5-nano", input(3, { outputTokens: 7 }), "3×0.05 + 7×0.4", 2_950),
  row(
    "openai/gpt-5-nano",
    input(1_001, { cacheReadTokens: 1_000 }),
    "1×0.05 + 1000×0.005 = 50 + 5,000",
    5_050,
  ),
  row("openai/gpt-5-pro", input(1_000, { outputTokens: 100 }), "1000×15 + 100×120", 27_000_000),
  row("openai/gpt-4.1", input(1_000, { outputTokens: 1_000 }), "1000×2 + 1000×8", 10_000_000),
  row(
    "openai/gpt-4.1-mini",
    input(1_000, { cacheReadTokens: 1_000, outputTokens: 10 }),
    "1000×0.1 + 10×1.6",
    116_000,
  ),
  row("openai/gpt-4.1-nano", input(123, { outputTokens: 45 }), "123×0.1 + 45×0.4", 30_300),
  row("openai/gpt-4o", input(1_000, { outputTokens: 1_000 }), "1000×2.5 + 1000×10", 12_500_000),
  row(
    "openai/gpt-4o-2024-05-13",
    input(1_000, { outputTokens: 1_000 }),
    "1000×5 + 1000×15",
    20_000_000,
  ),
  row(
    "openai/gpt-4o-mini",
    input(101, { cacheReadTokens: 1, outputTokens: 1 }),
    "100×0.15 + 1×0.075 + 1×0.6 = 15,000 + 75 + 600",
    15_675,
  ),
  row("openai/gpt-4-turbo", input(1_000, { outputTokens: 500 }), "1000×10 + 500×30", 25_000_000),
  row("openai/gpt-4", input(1_000, { outputTokens: 500 }), "1000×30 + 500×60", 60_000_000),
  row("openai/gpt-3.5-turbo", input(1_000, { outputTokens: 500 }), "1000×0.5 + 500×1.5", 1_250_000),
  row("openai/o1", input(1_000, { outputTokens: 1_000 }), "1000×15 + 1000×60", 75_000_000),
  row("openai/o1-pro", input(1_000, { outputTokens: 1_000 }), "1000×150 + 1000×600", 750_000_000),
  row(
    "openai/o3-mini",
    input(2_000, { cacheReadTokens: 1_000, outputTokens: 100, reasoningTokens: 64 }),
    "1000×1.1 + 1000×0.55 + 100×4.4",
    2_090_000,
  ),
  row("openai/o4-mini", input(1_000, { outputTokens: 1_000 }), "1000×1.1 + 1000×4.4", 5_500_000),

  // OpenAI: long context
  row("openai/gpt-5.4", input(271_999), "271999×2.5, the data's edge", 679_997_500),
  row("openai/gpt-5.4", input(272_000), "272000×5", 1_360_000_000),
  row(
    "openai/gpt-5.4",
    input(300_000, { outputTokens: 2_000 }),
    "300000×5 + 2000×22.5",
    1_545_000_000,
  ),

  // OpenAI: price cut of o3 on 2025-06-10
  row(
    "openai/o3",
    input(1_000, { outputTokens: 1_000 }),
    "before: 1000×10 + 1000×40",
    50_000_000,
    "2025-06-09T23:59:59.999Z",
  ),
  row(
    "openai/o3",
    input(1_000, { outputTokens: 1_000 }),
    "at: 1000×2 + 1000×8",
    10_000_000,
    "2025-06-10T00:00:00.000Z",
  ),
  row(
    "openai/o3",
    input(1_000, { outputTokens: 1_000 }),
    "after: 1000×2 + 1000×8",
    10_000_000,
    "2026-01-01T00:00:00Z",
  ),

  // OpenAI: embeddings, images, audio, transcription
  row("openai/text-embedding-3-large", input(10_000), "10000×0.13", 1_300_000),
  row("openai/text-embedding-3-small", input(1), "1×0.02", 20),
  row("openai/text-embedding-ada-002", input(8_000), "8000×0.1", 800_000),
  row(
    "openai/gpt-image-1",
    input(100, { outputTokens: 4_160, imageOutputTokens: 4_160 }),
    "100×5 + 4160×40",
    166_900_000,
  ),
  row(
    "openai/gpt-image-1",
    input(1_100, { imageInputTokens: 1_000, outputTokens: 272 }),
    "100×5 + 1000×10 + 272×40",
    21_380_000,
  ),
  row(
    "openai/gpt-image-1.5",
    input(100, { outputTokens: 1_100, imageOutputTokens: 1_000 }),
    "100×5 + 100×10 + 1000×32",
    33_500_000,
  ),
  row("openai/gpt-4o-2024-11-20", { inputTokens: 0, outputTokens: 0 }, "nothing used", 0),
  row(
    "openai/gpt-audio",
    input(1_100, { audioInputTokens: 1_000, outputTokens: 220, audioOutputTokens: 200 }),
    "100×2.5 + 1000×32 + 20×10 + 200×64",
    45_250_000,
  ),
  row(
    "openai/gpt-realtime",
    input(2_000, {
      cacheReadTokens: 500,
      audioInputTokens: 1_500,
      audioCacheReadTokens: 400,
      outputTokens: 100,
      audioOutputTokens: 100,
    }),
    "text 400×4 + cached text 100×0.4 + audio 1100×32 + cached audio 400×0.4 + out 100×64",
    43_400_000,
  ),
  row("openai/whisper-1", { seconds: 60 }, "60 s of 0.36 $/h = 0.006", 6_000_000),
  row("openai/whisper-1", { seconds: 0.5 }, "0.5 s of 0.0001 $/s", 50_000),

  // Anthropic: both cache writes, the tier at 200,000
  row("anthropic/claude-sonnet-4-5", input(1, { outputTokens: 1 }), "3 + 15", 18_000),
  row(
    "anthropic.messages/claude-sonnet-4-5-20250929",
    input(20_000, { cacheReadTokens: 10_000, cacheWrite5mTokens: 5_000, outputTokens: 1_000 }),
    "5000×3 + 10000×0.3 + 5000×3.75 + 1000×15",
    51_750_000,
  ),
  row(
    "anthropic/claude-sonnet-4-5",
    input(20_000, { cacheWrite1hTokens: 15_000, outputTokens: 1_000 }),
    "5000×3 + 15000×6 + 1000×15",
    120_000_000,
  ),
  row(
    "anthropic/claude-sonnet-4-5",
    input(10_000, { cacheWrite5mTokens: 4_000, cacheWrite1hTokens: 6_000 }),
    "4000×3.75 + 6000×6",
    51_000_000,
  ),
  row("anthropic/claude-sonnet-4-5", input(200_000), "200000×3, still the lower tier", 600_000_000),
  row("anthropic/claude-sonnet-4-5", input(200_001), "200001×6, all tokens", 1_200_006_000),
  row(
    "anthropic/claude-sonnet-4-5",
    input(250_000, { outputTokens: 1_000 }),
    "250000×6 + 1000×22.5",
    1_522_500_000,
  ),
  row(
    "anthropic/claude-sonnet-4-5",
    input(250_000, { cacheReadTokens: 200_000, cacheWrite1hTokens: 40_000 }),
    "10000×6 + 200000×0.6 + 40000×12",
    660_000_000,
  ),
  row("anthropic/claude-haiku-4-5", input(1_000, { outputTokens: 1_000 }), "1k + 5k", 6_000_000),
  row(
    "anthropic/claude-haiku-4-5-20251001",
    input(1_000, { cacheReadTokens: 999 }),
    "1×1 + 999×0.1 = 1,000 + 99,900",
    100_900,
  ),
  row("anthropic/claude-opus-4-1", input(1_000, { outputTokens: 1_000 }), "15k + 75k", 90_000_000),
  row(
    "anthropic/claude-opus-4-5",
    input(1_000, { cacheWrite5mTokens: 1_000, outputTokens: 10 }),
    "1000×6.25 + 10×25",
    6_500_000,
  ),
  row("anthropic/claude-3-5-haiku-20241022", input(1_000), "1000×0.8", 800_000),
  row("anthropic/claude-3-haiku-20240307", input(1, { outputTokens: 1 }), "0.25 + 1.25", 1_500),

  // Anthropic: the long-context surcharge of opus-4-6 ended on 2026-03-13
  row(
    "anthropic/claude-opus-4-6",
    input(250_000, { outputTokens: 1_000 }),
    "before: 250000×10 + 1000×37.5",
    2_537_500_000,
    "2026-03-12T23:59:59.999Z",
  ),
  row(
    "anthropic/claude-opus-4-6",
    input(250_000, { outputTokens: 1_000 }),
    "at: 250000×5 + 1000×25",
    1_275_000_000,
    "2026-03-13T00:00:00Z",
  ),

  // Google: tier, audio, announced price
  row("google.generative-ai/gemini-2.5-pro", input(200_000), "200000×1.25", 250_000_000),
  row("google/gemini-2.5-pro", input(200_001), "200001×2.5", 500_002_500),
  row(
    "google/gemini-2.5-pro",
    input(250_000, { cacheReadTokens: 100_000, outputTokens: 2_000 }),
    "150000×2.5 + 100000×0.25 + 2000×15",
    430_000_000,
  ),
  row(
    "google_genai/gemini-2.5-flash",
    input(10_000, { audioInputTokens: 10_000, outputTokens: 500 }),
    "10000×1 + 500×2.5",
    11_250_000,
  ),
  row(
    "google_vertexai/gemini-2.5-flash",
    input(1_000, { cacheReadTokens: 600, audioInputTokens: 500, audioCacheReadTokens: 300 }),
    "text 200×0.3 + cached text 300×0.03 + audio 200×1 + cached audio 300×0.1",
    299_000,
  ),
  row("google/gemini-2.5-flash-lite", input(10, { outputTokens: 10 }), "10×0.1 + 10×0.4", 5_000),
  row(
    "google/gemini-2.5-flash-image",
    input(10, { outputTokens: 1_290, imageOutputTokens: 1_290 }),
    "10×0.3 + 1290×30 = 0.0387 an image",
    38_703_000,
  ),
  row(
    "google/gemini-3.8-flash",
    input(1_000, { outputTokens: 100 }),
    "1000×0.75 + 100×3.75",
    1_125_000,
    "2026-12-31T23:59:59.999Z",
  ),
  row(
    "google/gemini-3.8-flash",
    input(1_000, { outputTokens: 100 }),
    "1000×1.5 + 100×7.5",
    2_250_000,
    "2027-01-01T00:00:00Z",
  ),
  row("vertex/claude-sonnet-4-5@20250929", input(1_000), "1000×3", 3_000_000),
  row("google/gemini-embedding-001", input(1_000), "1000×0.15", 150_000),

  // Hosts
  row(
    "groq/llama-3.3-70b-versatile",
    input(10_000, { outputTokens: 1_000 }),
    "10000×0.59 + 1000×0.79",
    6_690_000,
  ),
  row("groq/llama-3.1-8b-instant", input(1, { outputTokens: 1 }), "0.05 + 0.08", 130),
  row(
    "groq/whisper-large-v3-turbo",
    { seconds: 3_600 },
    "3600 × 11,111.111112, rounded up",
    40_000_001,
  ),
  row(
    "togetherai/meta-llama/Llama-3.3-70B-Instruct-Turbo",
    input(10_000, { outputTokens: 1_000 }),
    "11000×0.88",
    9_680_000,
  ),
  row(
    "amazon-bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    input(10_000, { outputTokens: 1_000 }),
    "10000×3.3 + 1000×16.5, a region costs 10% more",
    49_500_000,
  ),
  row(
    "bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    input(10_000, { outputTokens: 1_000 }),
    "10000×3 + 1000×15",
    45_000_000,
  ),
  row("aws/amazon.nova-micro-v1:0", input(1_000, { outputTokens: 100 }), "0.035k + 14", 49_000),
  row("aws/us.amazon.nova-lite-v1:0", input(1_000, { outputTokens: 100 }), "60 + 24", 84_000),
  row(
    "azure-openai.chat/gpt-4o-2024-11-20",
    input(10_000, { cacheReadTokens: 5_000, outputTokens: 1_000 }),
    "5000×2.5 + 5000×1.25 + 1000×10",
    28_750_000,
  ),
  row("mistral/mistral-large-latest", input(10_000, { outputTokens: 1_000 }), "20k+6k", 26_000_000),
  row(
    "cohere/command-r7b",
    input(1_000, { outputTokens: 1 }),
    "1000×0.0375 + 1×0.15 = 37,500 + 150",
    37_650,
  ),
  row("cohere/command-r7b-12-2024", input(1), "1×0.0375 = 37.5, rounded up once", 38),
  row("xai/grok-4", input(1_000, { outputTokens: 1_000 }), "1000×3 + 1000×15", 18_000_000),
  row(
    "perplexity/sonar",
    input(1_000, { outputTokens: 100 }),
    "1100×1 + one request of 0.012",
    13_100_000,
  ),
  row(
    "perplexity/sonar-deep-research",
    input(100, { outputTokens: 1_100, reasoningTokens: 1_000 }),
    "100×2 + 100×8 + reasoning 1000×3",
    4_000_000,
  ),
  row(
    "deepseek/deepseek-chat",
    input(10_000, { cacheReadTokens: 8_000, outputTokens: 1_000 }),
    "at 12:00 UTC: 2000×0.27 + 8000×0.07 + 1000×1.1",
    2_200_000,
  ),
  row(
    "deepseek/deepseek-chat",
    input(10_000, { cacheReadTokens: 8_000, outputTokens: 1_000 }),
    "at 16:30 UTC, off peak: 2000×0.135 + 8000×0.035 + 1000×0.55",
    1_100_000,
    "2026-10-01T16:30:00Z",
  ),
  row(
    "deepseek/deepseek-chat",
    input(1_000),
    "a millisecond before: 1000×0.27",
    270_000,
    "2026-10-01T16:29:59.999Z",
  ),
];

describe("golden usages", () => {
  const prices = createPriceBook();

  it.each(ROWS)("$id: $sum", ({ id, usage, nano, at = AUTUMN }) => {
    const slash = id.indexOf("/");
    const card = prices.resolve(id.slice(0, slash), id.slice(slash + 1), Date.parse(at));
    expect(card?.cost({ inputTokens: 0, outputTokens: 0, ...usage })).toBe(nano);
  });

  it("has at least sixty of them", () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
  });
});
