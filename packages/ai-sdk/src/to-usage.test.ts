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
  ["words", { inputTokens: "3", outputTokens: "4" }],
])("%s is missing usage, not zero", (_, usage) => {
  expect(toUsage(usage)).toBeUndefined();
});
