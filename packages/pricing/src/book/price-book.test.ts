import { describe, expect, it } from "vitest";
import { createPriceBook, type PriceBookOptions } from "./price-book.ts";

const AT = Date.parse("2026-10-01T12:00:00Z");

describe("a card is valid until its price changes", () => {
  const prices = createPriceBook();

  it("has no end when no change is announced", () => {
    expect(prices.resolve("openai", "gpt-5", AT)).not.toHaveProperty("validUntilMs");
  });

  it("ends at an announced date", () => {
    const card = prices.resolve("google", "gemini-3.8-flash", AT);
    expect(card?.validUntilMs).toBe(Date.parse("2027-01-01T00:00:00Z"));
  });

  it("ends at the next time of day that has another price", () => {
    const card = prices.resolve("deepseek", "deepseek-chat", AT);
    expect(card?.validUntilMs).toBe(Date.parse("2026-10-01T16:30:00Z"));
    const night = prices.resolve("deepseek", "deepseek-chat", Date.parse("2026-10-01T20:00:00Z"));
    expect(night?.validUntilMs).toBe(Date.parse("2026-10-02T00:30:00Z"));
  });

  it("is resolved anew after a change, and for the past too", () => {
    const [before, after] = ["2025-06-09T12:00:00Z", "2025-06-11T12:00:00Z"].map(
      (at) => () =>
        prices.resolve("openai", "o3", Date.parse(at))?.cost({ inputTokens: 1, outputTokens: 0 }),
    );
    expect([before?.(), after?.(), before?.(), after?.()]).toEqual([10_000, 2_000, 10_000, 2_000]);
  });

  it("is the same object for every call between changes", () => {
    expect(prices.resolve("openai", "gpt-5", AT)).toBe(prices.resolve("openai", "gpt-5", AT + 1));
    expect(Object.isFrozen(prices.resolve("openai", "gpt-5", AT))).toBe(true);
  });

  it("reserves at the dearest hour of the day, because a call may end in it", () => {
    const night = prices.resolve("deepseek", "deepseek-chat", Date.parse("2026-10-01T20:00:00Z"));
    expect(night?.cost({ inputTokens: 1_000, outputTokens: 0 })).toBe(135_000);
    expect(night?.ceiling(1_000, 0)).toBe(270_000);
  });
});

describe("limits of models", () => {
  const prices = createPriceBook();

  it("knows the maximum output of well-known models and admits the others", () => {
    expect(prices.resolve("openai", "gpt-5", AT)?.maxOutputTokens).toBe(128_000);
    expect(prices.resolve("azure", "gpt-4o", AT)?.maxOutputTokens).toBe(16_384);
    expect(prices.resolve("anthropic", "claude-sonnet-4-5", AT)?.maxOutputTokens).toBe(64_000);
    expect(prices.resolve("groq", "llama-3.3-70b-versatile", AT)).not.toHaveProperty(
      "maxOutputTokens",
    );
  });

  it.each([
    ["openai", "gpt-3.5-turbo-0125", 4_096],
    ["openai", "ft:gpt-3.5-turbo:acme::a1b2c3", 4_096],
    ["azure", "gpt-35-turbo", 4_096],
    ["gateway", "openai/gpt-4-turbo", 4_096],
    ["openai", "gpt-4o-2024-05-13", 4_096],
    ["openai", "gpt-4-0613", 4_096],
    ["anthropic", "claude-3-haiku-20240307", 4_096],
    ["amazon-bedrock", "us.anthropic.claude-3-5-haiku-20241022-v1:0", 8_192],
    ["amazon-bedrock", "eu.anthropic.claude-3-5-sonnet-20240620-v1:0", 4_096],
    ["amazon-bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", 8_192],
    ["amazon-bedrock", "us.amazon.nova-lite-v1:0", 10_000],
    ["amazon-bedrock", "amazon.nova-pro-v1:0", 10_000],
    ["google.vertex.anthropic.messages", "claude-3-5-sonnet@20240620", 8_192],
    ["google.vertex.anthropic.messages", "claude-3-haiku@20240307", 4_096],
    ["anthropic", "claude-3-5-haiku-20241022", 8_192],
    ["anthropic", "claude-3-opus-20240229", 4_096],
    ["google", "gemini-2.0-flash-001", 8_192],
  ])("sends %s no longer answer of %s than its provider takes", (provider, model, most) => {
    expect(prices.resolve(provider, model, AT)?.maxOutputTokens).toBe(most);
  });

  it("does not call a context window the maximum input when a dearer tier lies beyond it", () => {
    expect(prices.resolve("anthropic", "claude-sonnet-4-5", AT)?.maxInputTokens).toBeUndefined();
    expect(prices.resolve("openai", "gpt-5", AT)?.maxInputTokens).toBe(400_000);
  });
});

it.each([
  ["google.vertex.chat", "gemini-2.5-pro"],
  ["google.generative-ai.interactions", "gemini-2.5-pro"],
  ["xai.chat", "grok-4"],
  ["amazon-bedrock", "anthropic.claude-sonnet-4-20250514-v1:0"],
  ["my-gateway.chat", "gpt-5"],
])("%s is named alike with and without a price", (provider, name) => {
  const book = createPriceBook({ providers: { "my-gateway": "openai" } });
  expect(book.canonicalProvider?.(provider)).toBe(book.resolve(provider, name, AT)?.provider);
});

describe("the dearest card", () => {
  const prices = createPriceBook();

  it("costs no less than any model of the provider", () => {
    const dearest = prices.dearest("openai", AT);
    const usage = { inputTokens: 300_000, outputTokens: 1_000, cacheReadTokens: 1_000 };
    for (const model of ["gpt-5", "o1-pro", "gpt-5.4", "gpt-4.5-preview", "gpt-4"]) {
      const card = prices.resolve("openai", model, AT);
      expect(dearest?.cost(usage)).toBeGreaterThanOrEqual(card?.cost(usage) ?? Infinity);
      expect(dearest?.ceiling(9, 9)).toBeGreaterThanOrEqual(card?.ceiling(9, 9) ?? Infinity);
    }
    expect(prices.dearest("openai.chat", AT)).toBe(dearest);
  });

  it("is that of all providers when the provider is unknown", () => {
    const all = prices.dearest("nobody", AT);
    expect(all?.ceiling(1, 1)).toBeGreaterThanOrEqual(
      prices.dearest("openai", AT)?.ceiling(1, 1) ?? 0,
    );
  });

  it("counts overrides", () => {
    const book = createPriceBook({
      overrides: { "fake/x": { inputPerMillionUsd: 7, outputPerMillionUsd: 9 } },
    });
    expect(book.dearest("fake", AT)?.ceiling(1, 1)).toBe(16_000);
  });
});

describe("the version names the prices in use", () => {
  const version = (options?: PriceBookOptions): string => createPriceBook(options).version;
  const price = { inputPerMillionUsd: 1, outputPerMillionUsd: 2 };

  it("is the data's without options", () => {
    expect(version()).toMatch(/^genai-prices-0\.1\.8\+[0-9a-f]{12}$/);
    expect(version({ overrides: {} })).toBe(version());
  });

  it("changes with every override, not with the order they are written in", () => {
    const one = version({ overrides: { "a/b": price, "c/d": price } });
    expect(one).toBe(version({ overrides: { "c/d": { ...price }, "a/b": price } }));
    expect(one).not.toBe(version());
    expect(one).not.toBe(version({ overrides: { "a/b": price } }));
    expect(version({ providers: { gw: "openai" } })).not.toBe(version());
  });
});

it("takes another name of a provider, and refuses unknown options", () => {
  const book = createPriceBook({
    providers: { "my-gateway": "openai.chat" },
    overrides: { "my-gateway/own": { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } },
  });
  expect(book.resolve("my-gateway", "gpt-5", AT)?.model).toBe("gpt-5");
  expect(book.resolve("my-gateway", "own", AT)?.model).toBe("own");
  expect(() => createPriceBook({ overides: {} } as PriceBookOptions)).toThrow(/"overrides"/);
  expect(() => createPriceBook({ overrides: null } as never)).toThrow("got null");
  expect(() => createPriceBook({ providers: null } as never)).toThrow("got null");
  expect(() => createPriceBook({ providers: { gw: " " } })).toThrow("the name of a provider");
});

it("refuses another name of a provider that has no prices, and says which was meant", () => {
  const make = (providers: Readonly<Record<string, string>>) => createPriceBook({ providers });
  expect(() => make({ gw: "opnai" })).toThrow(/providers\["gw"\].*Did you mean "openai"\?/);
  expect(() => make({ a: "b", b: "openai" })).toThrow(/providers\["a"\] must be a provider that/);
  expect(make({ gw: "gateway" }).resolve("gw", "openai/gpt-5", AT)?.model).toBe("gpt-5");
});
