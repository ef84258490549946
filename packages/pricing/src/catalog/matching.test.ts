import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";

const AT = Date.parse("2026-10-01T12:00:00Z");
const prices = createPriceBook();

describe("a model id resolves when it is exact or a dated snapshot", () => {
  it.each([
    ["openai", "gpt-5", "openai", "gpt-5"],
    ["openai.chat", "GPT-5", "openai", "gpt-5"],
    ["openai.responses", "gpt-5-2025-08-07", "openai", "gpt-5"],
    ["openai", "gpt-5-nano-2025-08-07", "openai", "gpt-5-nano"],
    ["openai", "gpt-4o-2024-05-13", "openai", "gpt-4o-2024-05-13"],
    ["openai", "ft:gpt-4o-mini-2024-07-18:acme::7qTVM5AR", "openai", "ft:gpt-4o-mini"],
    ["openai", "ft:gpt-3.5-turbo-0125:acme::7qTVM5AR", "openai", "ft:gpt-3.5-turbo-"],
    ["azure", "gpt-4o", "azure", "gpt-4o"],
    ["azure-openai.chat", "gpt-4o-2024-11-20", "azure", "gpt-4o"],
    ["anthropic.messages", "claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5"],
    ["anthropic", "claude-3-5-haiku-latest", "anthropic", "claude-3-5-haiku-latest"],
    ["anthropic", "claude-3-5-haiku-20241022", "anthropic", "claude-3-5-haiku-latest"],
    ["google.generative-ai", "models/gemini-2.5-pro", "google", "gemini-2.5-pro"],
    ["google.interactions", "gemini-2.5-flash", "google", "gemini-2.5-flash"],
    ["mistral.conversation", "mistral-large-latest", "mistral", "mistral-large"],
    ["google_genai", "gemini-2.5-pro-preview-06-05", "google", "gemini-2.5-pro"],
    ["google-genai", "gemini-2.0-flash-001", "google", "gemini-2.0-flash"],
    ["googlegenerativeai", "gemini-embedding-001", "google", "gemini-embedding-001"],
    ["google_vertexai", "claude-sonnet-4-5@20250929", "google", "claude-sonnet-4-5"],
    [
      "google.vertex.chat",
      "publishers/google/models/gemini-2.5-flash",
      "google",
      "gemini-2.5-flash",
    ],
    ["vertex.anthropic.messages", "claude-opus-4-1@20250805", "google", "claude-4-opus"],
    ["amazon-bedrock", "amazon.nova-lite-v1:0", "aws", "amazon.nova-lite-v1:0"],
    [
      "bedrock",
      "anthropic.claude-3-5-sonnet-20241022-v2:0",
      "aws",
      "regional.anthropic.claude-3-5-sonnet-20241022-v2:0",
    ],
    [
      "aws",
      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws",
      "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    [
      "aws",
      "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws",
      "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    ["mistralai", "mistral-large-2411", "mistral", "mistral-large"],
    ["xai", "grok-4-latest", "x-ai", "grok-4-0709"],
    ["together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "together", undefined],
    ["fireworks", "accounts/fireworks/models/kimi-k3", "fireworks", "kimi-k3"],
    ["openrouter", "anthropic/claude-sonnet-4.5", "openrouter", "anthropic/claude-sonnet-4.5"],
    ["huggingface_together", "EssentialAI/rnj-1-instruct", "huggingface-together", undefined],
    ["gateway", "openai/gpt-5", "openai", "gpt-5"],
    ["gateway", "anthropic/claude-sonnet-4.5", "anthropic", "claude-sonnet-4-5"],
    ["gateway", "xai/grok-4", "x-ai", "grok-4-0709"],
    ["gateway", "google/gemini-2.5-pro", "google", "gemini-2.5-pro"],
    ["", "gpt-5", "openai", "gpt-5"],
    ["", "claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"],
    ["", "gemini-2.5-pro", "google", "gemini-2.5-pro"],
  ])("%s %s", (provider, model, canonicalProvider, canonicalModel) => {
    const card = prices.resolve(provider, model, AT);
    expect(card).toMatchObject({ provider: canonicalProvider, model: canonicalModel ?? model });
  });
});

describe("a model id that merely looks like another is unknown", () => {
  it.each([
    ["anthropic", "claude-sonnet-5-5"],
    ["anthropic", "claude-sonnet-4-5-turbo"],
    ["anthropic", "claude-sonnet-4-5-latest"],
    ["anthropic", "claude-sonnet-4-5-2025"],
    ["anthropic", "claude-opus-4-20"],
    ["google", "gemini-2.5-pro-xyz"],
    ["google", "gemini-2.5-flash-preview-99-99"],
    ["openai", "gpt-5-minix"],
    ["openai", "gpt-5-latest"],
    ["openai", "gpt-5-2025-13-07"],
    ["openai", "gpt-5-2025-02-30"],
    ["openai", "gpt-5-2025-08-07-2025-08-07"],
    ["openai", "xgpt-5"],
    ["openai", "gpt-99-turbo"],
    ["openai", "ft:gpt-5:acme::id"],
    ["openai", ""],
    ["openai", "__proto__"],
    ["openai", "constructor"],
    ["constructor", "gpt-5"],
    ["__proto__", "gpt-5"],
    ["aws", "us.anthropic.claude-sonnet-4-5x-20250929-v1:0"],
    ["azure", "my-deployment"],
    ["fake", "gpt-5"],
    ["compat.chat", "gpt-5"],
    ["openai-compatible", "gpt-5"],
    ["gateway", "gpt-5"],
    ["gateway", "/gpt-5"],
    ["gateway", "openai/gpt-5-fast"],
    ["gateway", "openai/gpt-oss-120b"], // served by many, at prices of their own
    ["gateway", "deepseek/deepseek-v3.2"],
    ["gateway", "gateway/openai/gpt-5"],
    ["", "llama-3.3-70b-versatile"],
    ["", "my-model"],
    ["cerebras", "qwen-3-coder-480b"], // the data has no price for it, which is not $0
    ["mistral", "mistral-ocr-2512"], // billed by the page, which usage cannot say
    ["x-ai", "grok-voice-latest"], // billed by the message too
    ["openai", "gpt-4o-audio-preview-2024-12-17"], // the data has the prices of its text alone
    ["openrouter", "openai/gpt-4o-audio-preview"],
  ])("%s %s", (provider, model) => {
    expect(prices.resolve(provider, model, AT)).toBeUndefined();
  });

  it("whatever is appended to an id", () => {
    const suffixes = [
      "-",
      "-77",
      "5",
      "-mini2",
      " x",
      "-20259999",
      "-v2",
      ":beta9",
      "/x",
      "-pro-max",
    ];
    for (const model of ["gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro", "grok-4"]) {
      for (const suffix of suffixes) {
        for (const provider of ["openai", "anthropic", "google", "x-ai", ""]) {
          const card = prices.resolve(provider, model + suffix, AT);
          if (card !== undefined) expect(card.model).toBe(model + suffix);
        }
      }
    }
  });

  it("also when the ids are hostile in kind or size, and remembering them is bounded", () => {
    for (const model of [undefined, null, 5, {}, []] as unknown as string[]) {
      expect(prices.resolve("openai", model, AT)).toBeUndefined();
    }
    expect(prices.resolve("openai", "gpt-5".repeat(100_000), AT)).toBeUndefined();
    expect(prices.resolve("openai".repeat(100_000), "gpt-5", AT)).toBeUndefined();
    for (let i = 0; i < 10_000; i++) prices.resolve(`p${i}`, `m${i}`, AT);
    expect(prices.resolve("openai", "gpt-5", AT)?.model).toBe("gpt-5");
    expect(prices.resolve("openai", "gpt-5", Number.NaN)).toBeUndefined();
  });
});

it("knows no provider because every object has its name", () => {
  expect(prices.dearest("constructor", AT)?.provider).toBe("constructor");
});
