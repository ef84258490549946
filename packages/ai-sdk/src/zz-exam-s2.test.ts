import { createGuard } from "@burnrate/core";
import { createPriceBook } from "../../pricing/src/index.ts";
import * as ai7 from "ai";
import * as ai6 from "ai-6";
import * as ai5 from "ai-5";
import { expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";

const prices = createPriceBook({ overrides: {
  "openai/pic": { perImageUsd: 0.04 },
  "openai/emb": { inputPerMillionUsd: 1, outputPerMillionUsd: 0 },
  "openai/say": { perCharacterUsd: 0.00001 },
  "openai/hear": { perSecondUsd: 0.0001 },
  "openai/film": { perSecondUsd: 0.1 },
  "cohere/rank": { perSearchUnitUsd: 0.002 },
} });
function watched(budget = "$50/day") {
  const guard = createGuard({ prices, budgets: [budget] });
  const records: any[] = [];
  const refused: any[] = [];
  guard.on("call-settled", (r) => records.push(r));
  guard.on("call-refused", ({ error }) => refused.push(error));
  return { guard, records, refused, status: async () => (await guard.budgets())[0] as any };
}
const RETRY = (A: any) => new A.APICallError({ message: "429", url: "", requestBodyValues: {}, statusCode: 429, isRetryable: true, responseHeaders: { "retry-after-ms": "1" } });
for (const [name, ai, spec] of [["7", ai7, "v4"], ["6", ai6, "v3"], ["5", ai5, "v2"]] as [string, any, string][]) {
  const image = (over: any = {}) => ({ specificationVersion: spec, provider: "openai", modelId: "pic", maxImagesPerCall: 2, doGenerate: async ({ n }: any) => ({ images: Array(n).fill("aGk="), warnings: [], response: { timestamp: new Date(), modelId: "pic", headers: {} } }), ...over });
  const gen = ai.generateImage ?? ai.experimental_generateImage;
  test(`ai ${name} images n=5 by 2`, async () => {
    const w = watched();
    const r = await gen({ model: guardModel(image(), w.guard), prompt: "x", n: 5 });
    expect(r.images).toHaveLength(5);
    console.log(name, w.records.length, await w.status().then((s) => [s.settled, s.held]));
    expect((await w.status()).settled).toBe(200_000_000);
  });
  test(`ai ${name} images with one part failing and retried`, async () => {
    const w = watched();
    let c = 0;
    const m = image();
    const r = await gen({ model: guardModel({ ...m, doGenerate: async (o: any) => { if (++c === 2) throw RETRY(ai); return m.doGenerate(o); } }, w.guard), prompt: "x", n: 5 });
    expect(r.images).toHaveLength(5);
    console.log(name, "retry", w.records.map((x) => [x.outcome, x.usage?.images]), (await w.status()).settled, (await w.status()).unknown);
  });
  test(`ai ${name} images: budget affords two of three calls`, async () => {
    const w = watched("$0.17/day");
    const e = await gen({ model: guardModel(image(), w.guard), prompt: "x", n: 6, maxRetries: 0 }).catch((x: any) => x);
    console.log(name, "refused", String(e.code), w.records.length, (await w.status()).settled, (await w.status()).held);
    expect((await w.status()).held).toBe(0);
  });
  test(`ai ${name} embedMany with a failing batch`, async () => {
    const w = watched();
    let c = 0;
    const m = { specificationVersion: spec, provider: "openai", modelId: "emb", maxEmbeddingsPerCall: 2, supportsParallelCalls: true, doEmbed: async ({ values }: any) => { if (++c === 2) throw new Error("boom"); return { embeddings: values.map(() => [1]), usage: { tokens: values.length * 10 }, warnings: [] }; } };
    const e = await ai.embedMany({ model: guardModel(m, w.guard), values: ["a", "b", "c", "d", "e"], maxRetries: 0 }).catch((x: any) => x);
    await new Promise((r) => setTimeout(r, 10));
    console.log(name, "embed", String(e), w.records.map((x) => [x.outcome, x.usage?.inputTokens, x.usageSource, x.costNanoUsd ?? x.cost]), (await w.status()).settled, (await w.status()).held, (await w.status()).unknown);
    expect((await w.status()).held).toBe(0);
  });
  test(`ai ${name} speech, transcription`, async () => {
    const w = watched();
    const s = { specificationVersion: spec, provider: "openai", modelId: "say", doGenerate: async () => ({ audio: new Uint8Array([1]), warnings: [], response: { timestamp: new Date(), modelId: "say" } }) };
    await (ai.generateSpeech ?? ai.experimental_generateSpeech)({ model: guardModel(s, w.guard), text: "hello" });
    expect((await w.status()).settled).toBe(50_000);
    const t = { specificationVersion: spec, provider: "openai", modelId: "hear", doGenerate: async () => ({ text: "x", segments: [], language: "en", durationInSeconds: 12.5, warnings: [], response: { timestamp: new Date(), modelId: "hear" } }) };
    await (ai.transcribe ?? ai.experimental_transcribe)({ model: guardModel(t, w.guard), audio: new Uint8Array(5000) });
    expect((await w.status()).settled).toBe(50_000 + 1_250_000);
    const none = { ...t, doGenerate: async () => ({ ...(await t.doGenerate()), durationInSeconds: undefined }) };
    await (ai.transcribe ?? ai.experimental_transcribe)({ model: guardModel(none, w.guard), audio: new Uint8Array(5000) });
    console.log(name, "no duration", w.records.at(-1).usageSource, (await w.status()).settled - 1_300_000);
  });
  if (ai.experimental_generateVideo) test(`ai ${name} video n=3 by 1`, async () => {
    const w = watched();
    const v = { specificationVersion: spec, provider: "openai", modelId: "film", maxVideosPerCall: 1, doGenerate: async ({ n }: any) => ({ videos: Array(n).fill({ type: "base64", data: "aGk=", mediaType: "video/mp4" }), warnings: [], response: { timestamp: new Date(), modelId: "film", headers: {} } }) };
    const r = await ai.experimental_generateVideo({ model: guardModel(v, w.guard), prompt: "x", n: 3, duration: 5 }).catch((x: any) => x);
    console.log(name, "video", r?.videos?.length ?? r, w.records.map((x) => x.usage?.seconds), (await w.status()).settled);
  });
  if (ai.rerank) test(`ai ${name} rerank`, async () => {
    const w = watched();
    const m = { specificationVersion: spec, provider: "cohere.rerank", modelId: "rank", doRerank: async () => ({ ranking: [{ index: 0, relevanceScore: 1 }], warnings: [], response: { body: { meta: { billed_units: { search_units: 3 } } } } }) };
    await ai.rerank({ model: guardModel(m, w.guard), query: "q", documents: ["a", "b"] });
    expect((await w.status()).settled).toBe(6_000_000);
  });
  test(`ai ${name} fewer images than asked, and none`, async () => {
    const w = watched();
    const m = image({ doGenerate: async () => ({ images: [], warnings: [], response: { timestamp: new Date(), modelId: "pic", headers: {} } }) });
    const e = await gen({ model: guardModel(m, w.guard), prompt: "x", n: 1, maxRetries: 0 }).catch((x: any) => x);
    console.log(name, "none", String(e).slice(0, 60), w.records.map((x) => [x.outcome, x.usageSource, x.usage]), (await w.status()).settled);
  });
}
test("gemini image through generateText is priced as an image", async () => {
  const w = watched();
  const raw = { promptTokenCount: 10, candidatesTokenCount: 1290, totalTokenCount: 1300, promptTokensDetails: [{ modality: "TEXT", tokenCount: 10 }], candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1290 }] };
  const m: any = { specificationVersion: "v4", provider: "google.generative-ai", modelId: "gemini-2.5-flash-image", supportedUrls: {}, doGenerate: async () => ({ content: [{ type: "file", mediaType: "image/png", data: { type: "data", data: "aGk=" } }], finishReason: { unified: "stop", raw: "STOP" }, usage: { inputTokens: { total: 10, noCache: 10, cacheRead: 0 }, outputTokens: { total: 1290, text: 1290, reasoning: 0 }, raw }, warnings: [] }) };
  await ai7.generateText({ model: guardModel(m, w.guard), prompt: "x" });
  expect((await w.status()).settled).toBe(10 * 300 + 1290 * 30_000);
});
