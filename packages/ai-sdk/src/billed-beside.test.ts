import { expect, test } from "vitest";
import { toUsage } from "./to-usage.ts";

const nested = (raw: object) => ({
  inputTokens: { total: 33, noCache: 33 },
  outputTokens: { total: 80_000, reasoning: 72_920 },
  raw,
});

test("sources that Perplexity cites are input", () => {
  const raw = { total_tokens: 7_196, citation_tokens: 20_016 };
  const told = { inputTokens: 20_049, outputTokens: 80_000, reasoningTokens: 72_920 };
  expect(toUsage(nested(raw))).toEqual(told);
  const flat = { inputTokens: 33, outputTokens: 80_000, reasoningTokens: 72_920 };
  expect(toUsage(flat, { perplexity: { usage: { citationTokens: 20_016 } } })).toEqual(told);
});

test("what an advisor of Anthropic's read and wrote is charged beside the answer", () => {
  const iterations = [
    { type: "message", input_tokens: 33, output_tokens: 80_000 },
    { type: "advisor_message", input_tokens: 400, output_tokens: 50, cache_read_input_tokens: 7 },
  ];
  expect(toUsage(nested({ iterations }))).toMatchObject({
    inputTokens: 440,
    outputTokens: 80_050,
  });
});
