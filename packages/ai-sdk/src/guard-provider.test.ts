import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { createProviderRegistry, customProvider, embed, generateText, streamText } from "ai";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import { guardProvider } from "./guard-provider.ts";
import { killAll, thrownBy, unitModel, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS } from "./testing/generations.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());
afterEach(() => {
  globalThis.AI_SDK_DEFAULT_PROVIDER = undefined;
});

function setUp() {
  const watched = watchedGuard();
  const inner = createOpenAICompatible({ name: "openai", baseURL: fake.url, includeUsage: true });
  return { ...watched, inner, provider: guardProvider(inner, watched.guard) };
}

test("every factory's models are guarded, and the provider's own call", async () => {
  const { provider, guard } = setUp();
  await killAll(guard);
  const models = [
    provider("gpt-5-mini"),
    provider.languageModel("gpt-5-mini"),
    provider.chatModel("gpt-5-mini"),
    provider.completionModel("gpt-5-mini"),
  ];
  for (const model of models) {
    const error = await thrownBy(() => generateText({ model, prompt: "hi", maxRetries: 0 }));
    expect(error).toMatchObject({ code: "BR1001" });
  }
  for (const model of [provider.embeddingModel("e"), provider.textEmbeddingModel("e")]) {
    expect(await thrownBy(() => embed({ model, value: "hi" }))).toMatchObject({ code: "BR1001" });
  }
  const image = provider.imageModel("i") as unknown as { doGenerate(params: object): unknown };
  expect(await thrownBy(() => image.doGenerate({ prompt: "", n: 1 }))).toMatchObject({
    code: "BR1001",
  });
  expect(fake.requestCount()).toBe(0);
});

for (const { version, sdk, provider } of GENERATIONS) {
  describe(`on ai ${version}`, () => {
    test("a registry of guarded providers gives guarded models", async () => {
      const { guard, records } = watchedGuard();
      const registry = sdk.createProviderRegistry({ openai: guardProvider(provider(fake), guard) });
      await sdk.generateText({ model: registry.languageModel("openai:gpt-5-mini"), prompt: "hi" });
      expect(records).toMatchObject([{ name: "gpt-5-mini", usageSource: "provider" }]);
    });

    test("model ids as strings are guarded through the default provider", async () => {
      const { guard, records } = watchedGuard();
      globalThis.AI_SDK_DEFAULT_PROVIDER = guardProvider(provider(fake), guard) as never;
      await sdk.generateText({ model: "gpt-5-mini", prompt: "hi" });
      await killAll(guard);
      const error = await thrownBy(() => sdk.generateText({ model: "gpt-5-mini", prompt: "hi" }));
      expect(error).toMatchObject({ code: "BR1001" });
      expect(records).toHaveLength(1);
    });
  });
}

test("a guarded custom provider and registry guard what they resolve, once", async () => {
  const { inner, guard, records } = setUp();
  const custom = guardProvider(
    customProvider({ languageModels: { quick: inner("gpt-5-mini") }, fallbackProvider: inner }),
    guard,
  );
  const registry = guardProvider(createProviderRegistry({ custom }), guard);
  await generateText({ model: custom.languageModel("quick"), prompt: "hi" });
  await generateText({ model: registry.languageModel("custom:gpt-5-mini"), prompt: "hi" });
  const again = guardModel(registry.languageModel("custom:quick"), guard);
  await streamText({ model: again, prompt: "hi" }).consumeStream();
  expect(records).toHaveLength(3);
  expect(fake.requestCount()).toBe(3);
});

test("what is no model stays what it was", () => {
  const { guard } = watchedGuard();
  const files = { uploadFile: () => "ok" };
  const inner = Object.assign((id: string) => unitModel("doEmbed", id), {
    specificationVersion: "v4",
    files: () => files,
    tools: { search: () => "tool" },
    self() {
      return this;
    },
  });
  const provider = guardProvider(Object.freeze(inner), guard);
  expect(provider.files()).toBe(files);
  expect(provider.tools).toBe(inner.tools);
  expect(provider.specificationVersion).toBe("v4");
  expect(provider.self()).toBe(inner);
  expect(provider("x").modelId).toBe("gpt-5-mini");
  expect(Object.keys(provider)).toEqual(expect.arrayContaining([]));
});

test("a model of a kind that cannot be guarded is not given out", () => {
  const { guard } = watchedGuard();
  const live = {
    specificationVersion: "v4",
    provider: "openai",
    modelId: "live",
    parseServerEvent() {},
  };
  const provider = guardProvider({ realtime: () => live }, guard);
  expect(() => provider.realtime()).toThrow(/BR9001.*realtime/);
});

test("a model without a name is not given out unguarded", () => {
  const { guard } = watchedGuard();
  const { modelId: _, ...nameless } = unitModel("doGenerate", {});
  const provider = guardProvider({ languageModel: () => nameless }, guard);
  expect(() => provider.languageModel()).toThrow(/BR9001.*modelId/);
  expect(() => guardModel(nameless as never, guard)).toThrow(/BR9001.*modelId/);
});

test.each([
  undefined,
  null,
  "openai",
  7,
  {},
  { name: "openai" },
  [[]],
  Promise.resolve({ languageModel: () => unitModel("doEmbed", {}) }),
])("what is no provider is refused: %j", (given) => {
  const { guard } = watchedGuard();
  expect(() => guardProvider(given as never, guard)).toThrow(/BR9001.*provider/);
});

test.each([
  ["createOpenAICompatible itself", createOpenAICompatible],
  [
    "an asynchronous one",
    async () => createOpenAICompatible({ name: "openai", baseURL: "http://x" }),
  ],
  ["customProvider itself, whose providers are no functions", customProvider],
])("a function that makes a provider, not models, gives out nothing unguarded: %s", (_, make) => {
  const { guard } = watchedGuard();
  const given = guardProvider(make, guard) as (options: object) => unknown;
  expect(() => given({ name: "openai", baseURL: "http://x" })).toThrow(/BR9001.*call it/);
});

test("a provider of a class, and one that makes its methods as they are asked for", () => {
  const { guard } = watchedGuard();
  class Provider {
    chat(id: string) {
      return unitModel("doEmbed", id);
    }
  }
  const lazy = new Proxy({} as { languageModel: Provider["chat"] }, {
    get: (_, key) => (key === "languageModel" ? new Provider().chat : undefined),
  });
  expect(guardProvider(new Provider(), guard).chat("x").modelId).toBe("gpt-5-mini");
  expect(guardProvider(lazy, guard).languageModel("x").modelId).toBe("gpt-5-mini");
});

test.each(["doGenerate", "doEmbed", "doRerank"])("a model with %s is no provider", (method) => {
  const { guard } = watchedGuard();
  const model = unitModel(method, {});
  expect(() => guardProvider(model, guard)).toThrow(/BR9001.*guardModel\(model, guard\)/);
});
