import { describe, expect, test } from "vitest";
import { withCacheTold } from "./cache-usage.ts";
import { messageUsage } from "./to-outcome.ts";
import { addUsage } from "./to-usage.ts";

/** 20,000 tokens of plain input, 10,000 read from a cache, 3,000 written, 1,000 for an hour. */
const RAW = {
  cache_read_input_tokens: 10_000,
  cache_creation_input_tokens: 3_000,
  cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 1_000 },
};
const DETAILS = { cache_read: 10_000, cache_creation: 3_000 };
const BILLED = {
  inputTokens: 33_000,
  outputTokens: 50,
  cacheReadTokens: 10_000,
  cacheWrite5mTokens: 2_000,
  cacheWrite1hTokens: 1_000,
};

/** As `@langchain/anthropic` says it, whole. */
const whole = (inputTokens: number, provider?: string) => ({
  usage_metadata: {
    input_tokens: inputTokens,
    output_tokens: 50,
    total_tokens: inputTokens + 50,
    input_token_details: DETAILS,
  },
  response_metadata: {
    ...(provider && { model_provider: provider }),
    usage: { input_tokens: 20_000, output_tokens: 50, ...RAW },
  },
});

/** The same as the first and the last chunk of a stream. */
const chunks = (inputTokens: number, provider?: string, again?: object) => [
  {
    usage_metadata: {
      input_tokens: inputTokens,
      output_tokens: 0,
      total_tokens: inputTokens,
      input_token_details: DETAILS,
    },
    response_metadata: { ...(provider && { model_provider: provider }), usage: RAW },
  },
  {
    usage_metadata: {
      input_tokens: 0,
      output_tokens: 50,
      total_tokens: 50,
      ...(again && { input_token_details: again }),
    },
  },
];

const sumOf = (parts: readonly object[]) =>
  parts.reduce<ReturnType<typeof messageUsage>>(
    (sum, part) => addUsage(sum, messageUsage(part)),
    undefined,
  );

describe("what Anthropic cached is charged once, at its own price", () => {
  test.each([
    ["version 0.3", whole(20_000)],
    ["version 1.3.0", whole(20_000, "anthropic")],
    ["the newest version", whole(33_000, "anthropic")],
  ])("in an answer as %s hands it on", (_, message) => {
    expect(messageUsage(message)).toEqual(BILLED);
  });

  test.each([
    ["version 0.3, which leaves it out and says it twice", chunks(20_000, undefined, DETAILS)],
    ["version 1.3.0, which says it twice", chunks(33_000, "anthropic", DETAILS)],
    ["the newest version", chunks(33_000, "anthropic")],
  ])("in a stream of %s", (_, parts) => {
    expect(sumOf(parts)).toEqual(BILLED);
  });

  test("in a stream's sum that a callback is told", () => {
    const message = {
      usage_metadata: {
        input_tokens: 33_000,
        output_tokens: 50,
        total_tokens: 33_050,
        input_token_details: { cache_read: 20_000, cache_creation: 6_000 },
      },
      response_metadata: { model_provider: "anthropic", usage: RAW },
    };
    expect(messageUsage(message)).toEqual(BILLED);
  });
});

const BEDROCK = {
  inputTokens: 20_000,
  outputTokens: 50,
  totalTokens: 33_050,
  cacheReadInputTokens: 10_000,
  cacheWriteInputTokens: 3_000,
  cacheDetails: [
    { ttl: "5m", inputTokens: 2_000 },
    { ttl: "1h", inputTokens: 1_000 },
  ],
};

describe.each([
  ["whole", { usage: BEDROCK }],
  ["in a stream", { metadata: { usage: BEDROCK } }],
])("what Bedrock cached is charged once, at its own price, %s", (_, metadata) => {
  test.each([
    ["early versions, which leave it out of the input", { input_tokens: 20_000 }],
    ["the newest version", { input_tokens: 33_000, input_token_details: DETAILS }],
  ])("as %s say it", (_version, told) => {
    const usage = { ...told, output_tokens: 50, total_tokens: 33_050 };
    const message = { usage_metadata: usage, response_metadata: metadata };
    expect(messageUsage(message)).toEqual(BILLED);
  });
});

describe("Gemini's chunks, each of which says all that was cached,", () => {
  const chunk = (inputTokens: number, outputTokens: number) => ({
    usage_metadata: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      input_token_details: { cache_read: 8_000 },
    },
  });

  test("are charged for it once", () => {
    const parts = [chunk(10_000, 5), chunk(0, 7), chunk(0, 9)];
    expect(sumOf(parts)).toEqual({
      inputTokens: 10_000,
      outputTokens: 21,
      cacheReadTokens: 8_000,
    });
  });

  test("are charged as input that was not cached where only LangChain's sum is told", () => {
    const message = {
      usage_metadata: {
        ...chunk(10_000, 21).usage_metadata,
        input_token_details: { cache_read: 24_000 },
      },
      response_metadata: { model_provider: "google-genai" },
    };
    expect(messageUsage(message)).toEqual({ inputTokens: 10_000, outputTokens: 21 });
  });
});

test("usage of others, and none, is left as it is", () => {
  const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 4 };
  const openai = { usage: { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 4 } } };
  expect(withCacheTold(usage, openai)).toBe(usage);
  expect(withCacheTold(usage, undefined)).toBe(usage);
  expect(withCacheTold(undefined, { usage: RAW })).toBeUndefined();
});
