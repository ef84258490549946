import { expect, test } from "vitest";
import { addUsage, latestUsage, toUsage, toUsageFromOutput } from "./to-usage.ts";

test("cached, written, reasoned and audio tokens are parts of the totals", () => {
  expect(
    toUsage({
      input_tokens: 100,
      output_tokens: 20,
      input_token_details: {
        cache_read: 40,
        cache_creation: 30,
        ephemeral_1h_input_tokens: 10,
        audio: 5,
      },
      output_token_details: { reasoning: 7, audio: 1 },
    }),
  ).toEqual({
    inputTokens: 100,
    outputTokens: 20,
    cacheReadTokens: 40,
    cacheWrite5mTokens: 20,
    cacheWrite1hTokens: 10,
    audioInputTokens: 5,
    reasoningTokens: 7,
    audioOutputTokens: 1,
  });
});

test.each([undefined, null, {}, { input_tokens: 3 }, { input_tokens: 0, output_tokens: 0 }])(
  "usage that the provider did not say (%j) is missing, not zero",
  (metadata) => {
    expect(toUsage(metadata)).toBeUndefined();
  },
);

test("a count of 0 that ChatOpenAI leaves out follows from the total", () => {
  expect(toUsage({ input_tokens: 9, total_tokens: 9 })).toEqual({
    inputTokens: 9,
    outputTokens: 0,
  });
});

test("thoughts that only the total counts, as of ChatGoogleGenerativeAI, are output", () => {
  const whole = { input_tokens: 100, output_tokens: 20, total_tokens: 170 };
  expect(toUsage(whole)).toEqual({ inputTokens: 100, outputTokens: 70 });
  const thoughtsAlone = { input_tokens: 0, output_tokens: 0, total_tokens: 30 };
  expect(toUsage(thoughtsAlone)).toEqual({ inputTokens: 0, outputTokens: 30 });
});

test("the older token usage is read, LangChain's own guess is not", () => {
  const tokenUsage = { promptTokens: 4, completionTokens: 2 };
  expect(toUsageFromOutput({ tokenUsage })).toEqual({ inputTokens: 4, outputTokens: 2 });
  expect(toUsageFromOutput({ estimatedTokenUsage: tokenUsage })).toBeUndefined();
});

test("usage that comes in pieces adds up", () => {
  const first = { inputTokens: 5, outputTokens: 1, cacheReadTokens: 2 };
  expect(addUsage(first, { inputTokens: 0, outputTokens: 8 })).toEqual({
    inputTokens: 5,
    outputTokens: 9,
    cacheReadTokens: 2,
  });
  expect(addUsage(undefined, first)).toBe(first);
});

test("what an event stream said of the cache in its first sum still holds for later ones", () => {
  const first = { inputTokens: 5, outputTokens: 1, cacheWrite5mTokens: 2 };
  const later = { inputTokens: 5, outputTokens: 9 };
  expect(latestUsage(first, later)).toEqual({ ...later, cacheWrite5mTokens: 2 });
  expect(latestUsage(first, undefined)).toBe(first);
  expect(latestUsage(undefined, later)).toBe(later);
});
