import { describe, expect, test } from "vitest";
import { generate } from "./language.ts";
import type { CallOptions, GenerateResult } from "./sdk-types.ts";

const NESTED = {
  inputTokens: { total: 1_000, noCache: 600, cacheRead: 400, cacheWrite: undefined },
  outputTokens: { total: 1_400, text: 1_300, reasoning: 100 },
};
const READ = {
  inputTokens: 1_000,
  outputTokens: 1_400,
  cacheReadTokens: 400,
  reasoningTokens: 100,
};
const AUDIO = { type: "file", mediaType: "audio/wav" };
const IMAGE = { type: "file", mediaType: "image/png", data: "iVBO" };

const usageOf = (answer: object, ...parts: readonly object[]) =>
  generate.toUsage(
    answer as GenerateResult,
    { prompt: [{ role: "user", content: parts }] } as unknown as CallOptions,
  );

const GOOGLE = {
  promptTokensDetails: [
    { modality: "TEXT", tokenCount: 700 },
    { modality: "AUDIO", tokenCount: 300 },
  ],
  cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 50 }],
  candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1_290 }],
};
const BY_MODALITY = {
  input_tokens_by_modality: [{ modality: "audio", tokens: 300 }],
  cached_tokens_by_modality: [{ modality: "audio", tokens: 50 }],
  output_tokens_by_modality: [{ modality: "image", tokens: 1_290 }],
};
const OF_GOOGLE = {
  ...READ,
  audioInputTokens: 300,
  audioCacheReadTokens: 50,
  imageOutputTokens: 1_290,
};

describe("audio and images have their own prices", () => {
  test.each([
    ["in the raw usage", { usage: { ...NESTED, raw: GOOGLE } }],
    ["of interactions", { usage: { ...NESTED, raw: BY_MODALITY } }],
    [
      "in the metadata of older versions",
      { usage: NESTED, providerMetadata: { google: { usageMetadata: GOOGLE } } },
    ],
    ["on Vertex", { usage: NESTED, providerMetadata: { vertex: { usageMetadata: GOOGLE } } }],
  ])("as Google counts them %s", (_, answer) => {
    expect(usageOf(answer, { ...AUDIO, data: new Uint8Array(9) }, IMAGE)).toEqual(OF_GOOGLE);
  });

  const openai = {
    prompt_tokens_details: { audio_tokens: 300, cached_tokens: 400 },
    completion_tokens_details: { audio_tokens: 200, image_tokens: 900 },
  };
  test.each([
    ["in the raw usage", { usage: { ...NESTED, raw: openai } }],
    ["in the body of the response", { usage: NESTED, response: { body: { usage: openai } } }],
  ])("as OpenAI and its kin count them %s", (_, answer) => {
    expect(usageOf(answer)).toEqual({
      ...READ,
      audioInputTokens: 300,
      audioOutputTokens: 200,
      imageOutputTokens: 900,
    });
  });
});

describe("a provider that does not say what its tokens are of", () => {
  test.each([
    ["as text where there is nothing else", [{ type: "text", text: "hi" }], {}],
    ["with as much audio as its bytes can be", [{ ...AUDIO, data: "A".repeat(1_200) }], 132],
    ["with the same of newer versions", [{ ...AUDIO, data: { data: "A".repeat(1_200) } }], 132],
    ["as audio alone where it may all be that", [{ ...AUDIO, data: new URL("x:y") }], 1_000],
  ])("is charged %s", (_, parts, audio) => {
    const expected = typeof audio === "number" ? { audioInputTokens: audio } : {};
    expect(usageOf({ usage: NESTED }, ...parts)).toEqual({ ...READ, ...expected });
  });

  test("is charged for images that it made, but its thoughts", () => {
    expect(usageOf({ usage: NESTED, content: [IMAGE] })).toEqual({
      ...READ,
      imageOutputTokens: 1_300,
    });
  });

  test("that says there was no audio is believed", () => {
    const raw = { prompt_tokens_details: { audio_tokens: 0 } };
    expect(usageOf({ usage: { ...NESTED, raw } }, { ...AUDIO, data: "AAAA" })).toEqual(READ);
  });
});
