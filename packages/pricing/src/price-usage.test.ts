import type { Usage } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { createPriceBook, priceUsage } from "./index.ts";

const USAGE = { inputTokens: 1_000, outputTokens: 100 };

describe("priceUsage", () => {
  it("says what a usage costs and by which card", () => {
    const result = priceUsage("openai.chat", "gpt-5-2025-08-07", USAGE);
    expect(result).toMatchObject({
      kind: "priced",
      nanoUsd: 2_250_000,
      rateCard: { provider: "openai", model: "gpt-5" },
    });
  });

  it("takes the prices of a date, and another book", () => {
    const at = new Date("2025-06-09T00:00:00Z");
    expect(priceUsage("openai", "o3", USAGE, { at })).toMatchObject({ nanoUsd: 14_000_000 });
    const prices = createPriceBook({
      overrides: { "fake/m": { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } },
    });
    expect(priceUsage("fake", "m", USAGE, { prices })).toMatchObject({ nanoUsd: 1_100_000 });
  });

  it("says that a model is unknown, and what was probably meant", () => {
    const { kind, ...rest } = priceUsage("openai", "gpt-5-minix", USAGE);
    expect(kind).toBe("unknown");
    expect(rest).toEqual({ provider: "openai", model: "gpt-5-minix", nearest: "gpt-5-mini" });
    expect(priceUsage(undefined, "my-model", USAGE)).toMatchObject({ kind: "unknown" });
    expect(priceUsage("fake", "gpt-5", USAGE)).toEqual({
      kind: "unknown",
      provider: "fake",
      model: "gpt-5",
    });
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no output", { inputTokens: 1 }],
    ["negative", { inputTokens: -1, outputTokens: 1 }],
    ["a negative detail", { inputTokens: 10, outputTokens: 1, cacheReadTokens: -5 }],
    ["NaN", { inputTokens: Number.NaN, outputTokens: 1 }],
    ["infinite", { inputTokens: Infinity, outputTokens: 1 }],
    ["a fraction", { inputTokens: 1.5, outputTokens: 1 }],
    ["past 2^53", { inputTokens: 2 ** 53, outputTokens: 1 }],
    ["text", { inputTokens: "5", outputTokens: 1 }],
    ["null", { inputTokens: 5, outputTokens: null }],
    ["negative seconds", { inputTokens: 0, outputTokens: 0, seconds: -1 }],
    ["infinite seconds", { inputTokens: 0, outputTokens: 0, seconds: Infinity }],
    ["half an image", { inputTokens: 0, outputTokens: 0, images: 0.5 }],
  ])("refuses usage that cannot be: %s", (_name, usage) => {
    expect(priceUsage("openai", "gpt-5", usage as Usage)).toMatchObject({ kind: "invalid" });
  });

  it("refuses a time that is none", () => {
    expect(priceUsage("openai", "gpt-5", USAGE, { at: Number.NaN }).kind).toBe("invalid");
  });

  it("charges details that exceed their total on top of it", () => {
    const usage = { inputTokens: 5, cacheReadTokens: 10, outputTokens: 1, reasoningTokens: 3 };
    // 5 × 1.25 + 10 × 0.125 + (1 + 3) × 10
    expect(priceUsage("openai", "gpt-5", usage)).toMatchObject({ nanoUsd: 47_500 });
  });

  it("charges a cached token that is audio or an image once, at the dearer rate", () => {
    const prices = createPriceBook({
      overrides: {
        "x/y": {
          inputPerMillionUsd: 2,
          outputPerMillionUsd: 0,
          cacheReadPerMillionUsd: 1,
          audioInputPerMillionUsd: 10,
          imageInputPerMillionUsd: 5,
        },
      },
    }).resolve("x", "y", Date.parse("2026-10-01T12:00:00Z"));
    const cached = { inputTokens: 1_000, outputTokens: 0, cacheReadTokens: 900 };
    // 100 as text, and the rest as audio; what is left of the cache, as an image, and as text
    expect(prices?.cost({ ...cached, audioInputTokens: 900 })).toBe(100 * 2_000 + 900 * 10_000);
    expect(prices?.cost({ ...cached, imageInputTokens: 250 })).toBe(
      100 * 2_000 + 650 * 1_000 + 250 * 5_000,
    );
    const none = { ...cached, audioInputTokens: 100 };
    expect(prices?.cost(none)).toBe(900 * 1_000 + 100 * 10_000);
  });

  it("prices no usage that no call can have", () => {
    for (const count of [1e9 + 1, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
      const usage = { inputTokens: count, outputTokens: count };
      expect(priceUsage("openai", "gpt-5", usage).kind).toBe("invalid");
    }
  });
});
