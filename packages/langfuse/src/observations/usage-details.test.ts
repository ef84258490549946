import fc from "fast-check";
import { expect, it } from "vitest";
import { usageDetails } from "./usage-details.ts";

it("keys do not overlap: without the total they add up to all tokens", () => {
  const share = fc.nat({ max: 1_000 });
  fc.assert(
    fc.property(share, share, share, share, share, share, share, (...parts) => {
      const [plain, cached, writes, audio, image, reasoning, text] = parts;
      const { total, ...disjoint } = usageDetails({
        inputTokens: plain + cached + writes + audio + image,
        outputTokens: reasoning + text,
        cacheReadTokens: cached,
        cacheWrite5mTokens: writes,
        audioInputTokens: audio,
        imageInputTokens: image,
        reasoningTokens: reasoning,
      });
      const sum = Object.values(disjoint).reduce((a, b) => a + b, 0);
      expect(sum).toBe(total);
      expect(disjoint["input"]).toBe(plain);
      expect(disjoint["output"]).toBe(text);
    }),
  );
});

it("audio that was read from a cache is counted as cached, once", () => {
  const usage = {
    inputTokens: 100,
    outputTokens: 0,
    cacheReadTokens: 40,
    audioInputTokens: 60,
    audioCacheReadTokens: 40,
  };
  expect(usageDetails(usage)).toMatchObject({ input: 40, input_cache_read: 40, input_audio: 20 });
});

it("details that exceed their total leave nothing over, never less", () => {
  expect(usageDetails({ inputTokens: 5, outputTokens: 0, cacheReadTokens: 9 })).toMatchObject({
    input: 0,
    input_cache_read: 9,
  });
});
