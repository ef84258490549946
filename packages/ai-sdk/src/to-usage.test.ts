import { expect, test } from "vitest";
import { toUsage } from "./to-usage.ts";

const output = { total: 20, text: 15, reasoning: 5 };

test("nested usage keeps cached reads and reasoning as parts of their totals", () => {
  const inputTokens = { total: 100, noCache: 60, cacheRead: 40, cacheWrite: undefined };
  expect(toUsage({ inputTokens, outputTokens: output })).toEqual({
    inputTokens: 100,
    outputTokens: 20,
    cacheReadTokens: 40,
    reasoningTokens: 5,
  });
});

test("flat usage of specification 2 means the same", () => {
  const usage = { inputTokens: 100, outputTokens: 20, cachedInputTokens: 40, reasoningTokens: 5 };
  expect(toUsage(usage)).toEqual({
    inputTokens: 100,
    outputTokens: 20,
    cacheReadTokens: 40,
    reasoningTokens: 5,
  });
});

/** As `@ai-sdk/anthropic` 2 and `@ai-sdk/amazon-bedrock` 3 report them. */
test.each([
  ["anthropic", { anthropic: { usage: {}, cacheCreationInputTokens: 3_000 } }],
  ["anthropic, raw", { anthropic: { usage: { cache_creation_input_tokens: 3_000 } } }],
  ["bedrock", { bedrock: { usage: { cacheWriteInputTokens: 3_000 } } }],
])("flat usage of %s adds what was cached to the input, which leaves it out", (_, metadata) => {
  const flat = { inputTokens: 2_000, outputTokens: 20, cachedInputTokens: 1_000 };
  const told = {
    inputTokens: 6_000,
    outputTokens: 20,
    cacheReadTokens: 1_000,
    cacheWrite5mTokens: 3_000,
  };
  expect(toUsage({ ...flat, totalTokens: 2_020 }, metadata)).toEqual(told);
  const convertedByNewerSdk = {
    inputTokens: { total: 2_000, noCache: undefined, cacheRead: 1_000, cacheWrite: undefined },
    outputTokens: { total: 20, text: undefined, reasoning: undefined },
    raw: { totalTokens: 2_020 },
  };
  expect(toUsage(convertedByNewerSdk, metadata)).toEqual(told);
});

test("flat usage of bedrock that cached nothing, which it says as NaN, is as it was", () => {
  const metadata = { bedrock: { usage: { cacheWriteInputTokens: Number.NaN } } };
  const told = { inputTokens: 2_000, outputTokens: 20 };
  expect(toUsage({ ...told, totalTokens: 2_020 }, metadata)).toEqual(told);
});

test("flat usage of google adds its thoughts to the output, which leaves them out", () => {
  const usage = { inputTokens: 100, outputTokens: 20, reasoningTokens: 15, totalTokens: 135 };
  expect(toUsage(usage)).toEqual({ inputTokens: 100, outputTokens: 35, reasoningTokens: 15 });
});

test("flat usage whose sum has reasoning once is left as it is", () => {
  const usage = { inputTokens: 100, outputTokens: 20, reasoningTokens: 15, totalTokens: 120 };
  expect(toUsage(usage)).toMatchObject({ outputTokens: 20 });
});

test("what a compatible server's sum says beyond its parts is output", () => {
  const usage = {
    inputTokens: { total: 20 },
    outputTokens: { total: 151, reasoning: 0 },
    raw: { prompt_tokens: 20, completion_tokens: 151, total_tokens: 553 },
  };
  expect(toUsage(usage)).toMatchObject({ inputTokens: 20, outputTokens: 533 });
});

const written = { total: 100, noCache: 40, cacheRead: 0, cacheWrite: 60 };
const creation = {
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
};

test.each([
  ["the raw usage", { inputTokens: written, outputTokens: output, raw: creation }, undefined],
  [
    "the metadata",
    { inputTokens: written, outputTokens: output },
    { anthropic: { usage: creation } },
  ],
])("cache writes are split by how long they live, as %s says", (_, usage, metadata) => {
  expect(toUsage(usage, metadata)).toMatchObject({
    cacheWrite5mTokens: 20,
    cacheWrite1hTokens: 40,
  });
});

test("a cache write of unknown life is one of five minutes", () => {
  expect(toUsage({ inputTokens: written, outputTokens: output })).toMatchObject({
    cacheWrite5mTokens: 60,
  });
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["no totals", { inputTokens: {}, outputTokens: {} }],
  ["only input", { inputTokens: { total: 3 }, outputTokens: {} }],
  ["zeros, as the SDK makes of {}", { inputTokens: { total: 0 }, outputTokens: { total: 0 } }],
  ["flat zeros", { inputTokens: 0, outputTokens: 0, totalTokens: 0 }],
  ["words", { inputTokens: "3", outputTokens: "4" }],
])("%s is missing usage, not zero", (_, usage) => {
  expect(toUsage(usage)).toBeUndefined();
});

test("what Bedrock caches for an hour has the price of an hour", () => {
  const cacheDetails = [
    { ttl: "5m", inputTokens: 20 },
    { ttl: "1h", inputTokens: 40 },
  ];
  const told = { cacheWrite5mTokens: 20, cacheWrite1hTokens: 40 };
  const nested = {
    inputTokens: { total: 100, noCache: 40, cacheRead: 0, cacheWrite: 60 },
    outputTokens: { total: 1 },
  };
  expect(toUsage({ ...nested, raw: { cacheDetails } })).toMatchObject(told);
  expect(toUsage(nested, { bedrock: { usage: { cacheDetails } } })).toMatchObject(told);
});
