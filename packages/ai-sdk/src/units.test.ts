import type { PriceBook, RateCard, UnitBounds } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import {
  generateImage,
  rerank,
  experimental_transcribe as transcribe,
  wrapEmbeddingModel,
  wrapImageModel,
} from "ai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { guardEmbeddingMiddleware } from "./guard-embedding-middleware.ts";
import { guardImageMiddleware } from "./guard-image-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardProvider } from "./guard-provider.ts";
import { killAll, prices, thrownBy, unitModel, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS } from "./testing/generations.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const EMBEDDING = "text-embedding-3-small";
const response = { timestamp: new Date(0), modelId: "m", headers: {} };

for (const { version, sdk, provider } of GENERATIONS) {
  describe(`embeddings on ai ${version}`, () => {
    test("are charged by the tokens that the provider counted", async () => {
      const { guard, records, tasks, held } = watchedGuard();
      const model = guardModel(provider(fake).textEmbeddingModel(EMBEDDING), guard);
      const { embedding } = await sdk.embed({ model, value: "hello there" });
      expect(embedding.length).toBeGreaterThan(0);
      const { inputTokens } = fake.totals();
      expect(records).toMatchObject([
        { name: EMBEDDING, usage: { inputTokens, outputTokens: 0 }, usageSource: "provider" },
      ]);
      expect(tasks).toEqual(["good"]);
      expect(await held()).toBe(0);
    });

    test("each batch of embedMany is one call", async () => {
      const { guard, records } = watchedGuard();
      const inner = provider(fake).textEmbeddingModel(EMBEDDING);
      Object.defineProperty(inner, "maxEmbeddingsPerCall", { value: 2, configurable: true });
      const model = guardModel(inner, guard);
      const values = ["a", "b", "c", "d", "e"];
      const { embeddings } = await sdk.embedMany({ model, values });
      expect(embeddings).toHaveLength(5);
      expect(records).toHaveLength(3);
      expect(fake.requestCount()).toBe(3);
    });

    test("a refusal sends nothing", async () => {
      const { guard } = watchedGuard();
      await killAll(guard);
      const model = guardModel(provider(fake).textEmbeddingModel(EMBEDDING), guard);
      const error = await thrownBy(() => sdk.embed({ model, value: "hello" }));
      expect(error).toMatchObject({ code: "BR1001" });
      expect(fake.requestCount()).toBe(0);
    });

    test("each attempt of a retry is a call, and only what was answered is charged", async () => {
      const { guard, records, tasks } = watchedGuard();
      fake.next({ kind: "rate-limit", retryAfterSeconds: 0 });
      const model = guardModel(provider(fake).textEmbeddingModel(EMBEDDING), guard);
      await sdk.embed({ model, value: "hello", maxRetries: 1 });
      expect(records.map(({ outcome }) => outcome)).toEqual(["rate-limited", "success"]);
      expect(records[0]?.costNanoUsd).toBe(0);
      // The first ai 5 leaves no mark that tells attempts of one run from runs.
      expect(tasks).toEqual(version === "5.0.0" ? ["bad", "good"] : ["good"]);
    });
  });
}

test("an embedding middleware and a guarded model around it count a call once", async () => {
  const { guard, records } = watchedGuard();
  const [, , , , , newest] = GENERATIONS;
  const inner = newest?.provider(fake).textEmbeddingModel(EMBEDDING) as never;
  const wrapped = wrapEmbeddingModel({ model: inner, middleware: guardEmbeddingMiddleware(guard) });
  await newest?.sdk.embed({ model: guardModel(wrapped, guard), value: "hello" });
  expect(records).toHaveLength(1);
});

describe("images", () => {
  const image = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");
  const answer = { images: [image, image], warnings: [], response };

  test("are charged by tokens where the provider counts them", async () => {
    const { guard, records } = watchedGuard();
    const usage = { inputTokens: 10, outputTokens: 500, totalTokens: 510 };
    const inner = unitModel("doGenerate", { ...answer, usage }, { maxImagesPerCall: 2 });
    const middleware = guardImageMiddleware(guard);
    const model = guardModel(wrapImageModel({ model: inner as never, middleware }), guard);
    await generateImage({ model, prompt: "a fox", n: 2 });
    expect(records).toMatchObject([
      {
        usage: { inputTokens: 10, outputTokens: 500, imageOutputTokens: 500, images: 2 },
        bound: "assumed",
        usageSource: "provider",
      },
    ]);
  });

  test("without tokens keep their count, and are not free where the price is by token", async () => {
    const { guard, records } = watchedGuard();
    const model = guardModel(unitModel("doGenerate", answer, { maxImagesPerCall: 2 }), guard);
    await generateImage({ model: model as never, prompt: "a fox", n: 2 });
    expect(records[0]?.usage.images).toBe(2);
    expect(records[0]?.usageSource).toBe("estimated");
    expect(records[0]?.costNanoUsd).toBe(records[0]?.reservedNanoUsd);
    expect(records[0]?.costNanoUsd).toBeGreaterThan(0);
  });

  test("each request for more images than one can bring is a call", async () => {
    const { guard, records } = watchedGuard();
    const single = { ...answer, images: [image] };
    const model = guardModel(unitModel("doGenerate", single, { maxImagesPerCall: 1 }), guard);
    await generateImage({ model: model as never, prompt: "a fox", n: 3 });
    expect(records).toHaveLength(3);
  });
});

test("a transcription is charged by its seconds", async () => {
  const { guard, records } = watchedGuard();
  const answer = { text: "hello", segments: [], durationInSeconds: 7.5, warnings: [], response };
  const model = guardModel(unitModel("doGenerate", answer), guard);
  await transcribe({ model: model as never, audio: new Uint8Array(1_200) });
  expect(records[0]?.usage.seconds).toBe(7.5);
});

test("a transcription is charged by the seconds that its provider bills, where that says them", async () => {
  const { guard, records } = watchedGuard();
  const body = { text: "hello", duration: 7.5, usage: { type: "duration", seconds: 8 } };
  const answer = { text: "hello", segments: [], durationInSeconds: 7.5, warnings: [] };
  const answered = { ...answer, response: { ...response, body } };
  const model = guardModel(unitModel("doGenerate", answered), guard);
  await transcribe({ model: model as never, audio: new Uint8Array(1_200) });
  expect(records[0]?.usage.seconds).toBe(8);
});

test("a transcription's tokens are read from the response where the SDK drops them", async () => {
  const { guard, records } = watchedGuard();
  const usage = { input_tokens: 30, input_token_details: { audio_tokens: 20 }, output_tokens: 9 };
  const body = { usage };
  const answer = { text: "hi", segments: [], warnings: [], response: { ...response, body } };
  const model = guardModel(unitModel("doGenerate", answer), guard);
  await transcribe({ model: model as never, audio: new Uint8Array(100) });
  expect(records[0]?.usage).toEqual({ inputTokens: 30, outputTokens: 9, audioInputTokens: 20 });
});

describe("a model that is billed by something else than tokens", () => {
  const pricedBy = (unit: keyof UnitBounds, nano: number): PriceBook => {
    const cost = (units: UnitBounds = {}): number => (units[unit] ?? 0) * nano;
    const card: RateCard = {
      provider: "openai",
      model: "m",
      cost,
      ceiling: (_input, _output, units) => cost(units),
      affordableOutputTokens: () => Number.MAX_SAFE_INTEGER,
    };
    return { ...prices, resolve: () => card, dearest: () => card };
  };
  const image = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");

  test("is reserved for every image that is asked for, and charged for those that came", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("images", 40_000_000) });
    const answer = { images: [image], warnings: [], response };
    const model = guardModel(unitModel("doGenerate", answer, { maxImagesPerCall: 4 }), guard);
    await generateImage({ model: model as never, prompt: "a fox", n: 3 });
    expect(records).toMatchObject([
      { reservedNanoUsd: 120_000_000, costNanoUsd: 40_000_000, usageSource: "provider" },
    ]);
  });

  test.each([1, 3])(
    "is counted in images by a model that no field tells, too: %i of them",
    async (n) => {
      const { guard, records } = watchedGuard({ prices: pricedBy("images", 40_000_000) });
      const plain = unitModel("doGenerate", { images: [image], warnings: [], response });
      await generateImage({ model: guardModel(plain, guard) as never, prompt: "a fox", n });
      expect(records).toHaveLength(n); // the SDK asks for one at a time
      expect(records[0]).toMatchObject({ reservedNanoUsd: 40_000_000, costNanoUsd: 40_000_000 });
    },
  );

  test("is counted in seconds by a video model that no field tells", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("seconds", 1_000_000) });
    const plain = unitModel("doGenerate", { videos: [], warnings: [], response });
    const model = guardModel(plain, guard) as unknown as {
      doGenerate(params: object): Promise<unknown>;
    };
    await model.doGenerate({ prompt: "a fox", n: 1, duration: 4, fps: undefined });
    expect(records[0]).toMatchObject({ reservedNanoUsd: 4_000_000, costNanoUsd: 4_000_000 });
  });

  test("is refused when a budget does not have all the images", async () => {
    const prices = pricedBy("images", 40_000_000);
    const { guard, records } = watchedGuard({ prices, budgets: ["$0.10/day"] });
    const answer = { images: [image, image, image], warnings: [], response };
    const model = guardModel(unitModel("doGenerate", answer, { maxImagesPerCall: 4 }), guard);
    const draw = (n: number) => generateImage({ model: model as never, prompt: "a fox", n });
    expect(await thrownBy(() => draw(3))).toMatchObject({ code: "BR2001" });
    await draw(2);
    // Three came though two were asked for: that is what was spent, and nothing more is let
    // through.
    expect(records[0]?.costNanoUsd).toBe(120_000_000);
    expect((await guard.budgets())[0]).toMatchObject({ settled: 120_000_000, state: "over" });
    expect(await thrownBy(() => draw(1))).toMatchObject({ code: "BR2001" });
  });

  test("is reserved for what audio can last at most, and charged for what it lasted", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("seconds", 100_000) });
    const answer = { text: "hi", segments: [], durationInSeconds: 7.5, warnings: [], response };
    const model = guardModel(unitModel("doGenerate", answer), guard) as unknown as {
      doGenerate(params: object): Promise<unknown>;
    };
    await model.doGenerate({ audio: new Uint8Array(10_000), mediaType: "audio/ogg" });
    await model.doGenerate({ audio: new Uint8Array(9_000_000), mediaType: "audio/wav" });
    expect(records.map(({ reservedNanoUsd }) => reservedNanoUsd)).toEqual([2_000_000, 360_000_000]);
    expect(records.map(({ costNanoUsd }) => costNanoUsd)).toEqual([750_000, 750_000]);
  });

  test("is charged the characters that it spoke", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("characters", 15_000) });
    const answer = { audio: "UklGRg==", warnings: [], response };
    const model = guardModel(unitModel("doGenerate", answer), guard) as unknown as {
      doGenerate(params: object): Promise<unknown>;
    };
    await model.doGenerate({ text: "hello, fox" });
    expect(records).toMatchObject([
      { reservedNanoUsd: 150_000, costNanoUsd: 150_000, usageSource: "provider" },
    ]);
    expect(records[0]?.usage.characters).toBe(10);
  });

  test("is charged the search units that the provider says, else what its documents may be", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("searchUnits", 2_000_000) });
    const ranking = [{ index: 0, relevanceScore: 1 }];
    const body = { meta: { billed_units: { search_units: 1 } } };
    const documents = [...Array.from({ length: 150 }, () => "a fox"), "a long one ".repeat(400)];
    for (const extra of [{ response: { body } }, {}]) {
      const model = guardModel(unitModel("doRerank", { ranking, ...extra }), guard);
      await rerank({ model: model as never, query: "fox", documents, topN: 1 });
    }
    expect(records).toMatchObject([
      { reservedNanoUsd: 4_000_000, costNanoUsd: 2_000_000, usageSource: "provider" },
      { reservedNanoUsd: 4_000_000, costNanoUsd: 4_000_000, usageSource: "estimated" },
    ]);
  });

  test("is reserved for the seconds of every video, a minute each where nothing is said", async () => {
    const { guard, records } = watchedGuard({ prices: pricedBy("seconds", 1_000_000) });
    const answer = { videos: [], warnings: [], response };
    const model = guardModel(
      unitModel("doGenerate", answer, { maxVideosPerCall: 4 }),
      guard,
    ) as unknown as { doGenerate(params: object): Promise<unknown> };
    await model.doGenerate({ prompt: "a fox", n: 2, duration: 4 });
    await model.doGenerate({ prompt: "a fox", n: 2 });
    expect(records.map(({ reservedNanoUsd }) => reservedNanoUsd)).toEqual([8_000_000, 120_000_000]);
    expect(records[1]?.costNanoUsd).toBe(120_000_000);
  });
});

test("an address that a transcription model does not take costs nothing", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(unitModel("doGenerateFromUrl", undefined, { doGenerate() {} }), guard);
  const audio = new URL("https://example.com/a.mp3");
  const { doGenerateFromUrl } = model as unknown as Record<string, (params: object) => unknown>;
  expect(await doGenerateFromUrl?.({ audio })).toBeUndefined();
  expect(records[0]?.costNanoUsd).toBe(0);
});

test("a ranking and speech, whose providers count nothing, are charged what was reserved", async () => {
  const { guard, records } = watchedGuard();
  const ranks = guardModel(
    unitModel("doRerank", { ranking: [{ index: 0, relevanceScore: 1 }] }),
    guard,
  );
  await rerank({ model: ranks as never, query: "fox", documents: ["a", "b"] });
  const speaks = guardModel(
    unitModel("doGenerate", { audio: "UklGRg==", warnings: [], response }),
    guard,
  );
  await (speaks as unknown as { doGenerate(params: object): Promise<unknown> }).doGenerate({
    text: "hi",
  });
  expect(records).toHaveLength(2);
  for (const { usageSource, costNanoUsd, reservedNanoUsd } of records) {
    expect(usageSource).toBe("estimated");
    expect(costNanoUsd).toBe(reservedNanoUsd);
  }
  expect(records[0]?.usage.outputTokens).toBe(0);
});

test("speech of a provider that has one model, without a name, goes by what it does", async () => {
  const { guard, records } = watchedGuard();
  const answer = { audio: "UklGRg==", warnings: [], response };
  const nameless = { provider: "hume.speech", modelId: "" };
  const { speech } = guardProvider(
    { speech: () => unitModel("doGenerate", answer, nameless) },
    guard,
  );
  const model = speech() as unknown as { doGenerate(params: object): Promise<unknown> };
  await model.doGenerate({ text: "hi" });
  expect(records).toMatchObject([{ provider: "hume.speech", name: "speech" }]);
  expect(() => guardModel(unitModel("doEmbed", {}, { modelId: "" }), guard)).toThrow(/BR9001/);
});

test("a ranking whose provider tells the sum of its tokens alone is charged that", async () => {
  const { guard, records } = watchedGuard();
  const body = { usage: { total_tokens: 26 } };
  const answer = { ranking: [{ index: 0, relevanceScore: 1 }], response: { body } };
  const model = guardModel(unitModel("doRerank", answer), guard);
  await rerank({ model: model as never, query: "fox", documents: ["a", "b"] });
  expect(records).toMatchObject([
    { usage: { inputTokens: 26, outputTokens: 0 }, usageSource: "provider" },
  ]);
});

test("a video that is started and fetched later is one call, charged by the seconds asked for", async () => {
  const { guard, records } = watchedGuard();
  const extra = { maxVideosPerCall: 1, doStatus: async () => ({ status: "pending" }) };
  const model = guardModel(
    unitModel("doStart", { operation: "o", warnings: [], response }, extra),
    guard,
  );
  const video = model as unknown as Record<"doStart" | "doStatus", (params: object) => unknown>;
  await video.doStart({ prompt: "a fox", n: 2, duration: 4 });
  await video.doStatus({ operation: "o" });
  expect(records).toHaveLength(1);
  expect(records[0]?.usage.seconds).toBe(8);
});

test("a decision model is sent the output limit, and its usage is read", async () => {
  const { guard, records } = watchedGuard();
  const sent: unknown[] = [];
  const usage = { inputTokens: 12, outputTokens: 3 };
  const doDecide = async (params: unknown) => {
    sent.push(params);
    return { answers: {}, usage, warnings: [] };
  };
  const model = guardModel(unitModel("doExtract", undefined, { doDecide }), guard);
  await (model as unknown as { doDecide: typeof doDecide }).doDecide({ state: [], questions: {} });
  expect(sent[0]).toMatchObject({ maxOutputTokens: expect.any(Number) });
  expect(records[0]).toMatchObject({ usage, bound: "enforced" });
});

test("a stream of a transcription is settled by its finish part", async () => {
  const { guard, records, held } = watchedGuard();
  const parts = [
    { type: "transcript-delta", delta: "hel" },
    { type: "finish", text: "hello", segments: [], durationInSeconds: 3 },
  ];
  const inner = unitModel("doStream", { stream: ReadableStream.from(parts) });
  const model = guardModel(inner, guard) as unknown as {
    doStream(params: object): Promise<{ stream: ReadableStream<unknown> }>;
  };
  const { stream } = await model.doStream({ audio: new ReadableStream() });
  const seen: unknown[] = [];
  for await (const part of stream) seen.push(part);
  expect(seen).toEqual(parts);
  expect(records[0]?.usage.seconds).toBe(3);
  expect(await held()).toBe(0);
});

test("a model whose price is not known is refused while a money budget applies", async () => {
  const { guard } = watchedGuard({ prices: { ...prices, resolve: () => undefined } });
  const model = guardModel(unitModel("doRerank", { ranking: [] }), guard);
  const error = await thrownBy(() =>
    rerank({ model: model as never, query: "q", documents: ["a"] }),
  );
  expect(error).toMatchObject({ code: "BR2002" });
});

test("evaluators see what a model of any kind made", async () => {
  const seen: unknown[] = [];
  const evaluate = ({ output }: { output?: unknown }) => {
    seen.push(output);
    return { passed: true };
  };
  const { guard } = watchedGuard({ evaluators: [{ name: "look", on: "model", evaluate }] });
  const ranking = [{ index: 0, relevanceScore: 1 }];
  const model = guardModel(unitModel("doRerank", { ranking }), guard);
  await rerank({ model: model as never, query: "q", documents: ["a"] });
  expect(seen).toEqual([ranking]);
});
