import { ConfigError } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { tool } from "ai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardProvider } from "./guard-provider.ts";
import type { ModelObject } from "./sdk-types.ts";
import { unitModel, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS, type Generation } from "./testing/generations.ts";

const rates = { "gpt-5-nano": { inputNano: 50, cachedInputNano: 5, outputNano: 400 } };
const fake: FakeProvider = await startFakeProvider({ rates });
beforeEach(() => fake.reset());
afterAll(() => fake.close());

/** From the first cent on, the cheap model answers. */
const DOWNGRADES = {
  id: "daily",
  limit: { usd: 5 },
  window: "day",
  at: [
    { fraction: 0.000_000_1, do: { downgrade: "cheap" } },
    { fraction: 1, do: { downgrade: "other" } },
  ],
} as const;

type Wrap = (
  generation: Generation,
  guard: ReturnType<typeof watchedGuard>["guard"],
) => ModelObject;

const HOOKS: Readonly<Record<string, Wrap>> = {
  guardModel({ provider }, guard) {
    const openai = provider(fake);
    return guardModel(openai("gpt-5-mini"), guard, { models: { cheap: openai("gpt-5-nano") } });
  },
  guardMiddleware({ provider, sdk }, guard) {
    const openai = provider(fake);
    const middleware = guardMiddleware(guard, { models: { cheap: openai("gpt-5-nano") } });
    return sdk.wrapLanguageModel({ model: openai("gpt-5-mini"), middleware });
  },
  guardProvider({ provider }, guard) {
    const openai = provider(fake);
    const models = { cheap: openai("gpt-5-nano"), other: openai.textEmbeddingModel("e") };
    return guardProvider(openai, guard, { models })("gpt-5-mini");
  },
};

for (const generation of GENERATIONS) {
  for (const [hook, wrap] of Object.entries(HOOKS)) {
    describe(`${hook} on ai ${generation.version}`, () => {
      const { sdk } = generation;
      const body = (index: number) => fake.requests[index]?.receivedBody ?? {};

      test("a downgrade changes the model, and nothing else of the request", async () => {
        const { guard, records } = watchedGuard({ budgets: [DOWNGRADES] });
        const model = wrap(generation, guard);
        const look = tool({ inputSchema: z.object({ at: z.string() }) });
        const settings = { model, prompt: "hello", tools: { look }, maxOutputTokens: 99 };
        await sdk.generateText(settings);
        await sdk.generateText(settings);
        expect(fake.requests.map(({ model: sent }) => sent)).toEqual(["gpt-5-mini", "gpt-5-nano"]);
        expect({ ...body(1), model: "" }).toEqual({ ...body(0), model: "" });
        expect(records[1]).toMatchObject({
          name: "gpt-5-nano",
          requested: { name: "gpt-5-mini", key: "cheap", because: "downgrade" },
        });
      });

      test("a downgraded stream streams", async () => {
        const { guard, records } = watchedGuard({ budgets: [DOWNGRADES] });
        const model = wrap(generation, guard);
        let text = "";
        for (let turn = 0; turn < 2; turn += 1) {
          text = "";
          for await (const part of sdk.streamText({ model, prompt: "hello" }).fullStream) {
            if (part.type === "text-delta") text += part.text;
          }
        }
        expect(text).toContain("hello");
        expect(records[1]).toMatchObject({ name: "gpt-5-nano", outcome: "success" });
      });
    });
  }
}

const newest = GENERATIONS.at(-1) as Generation;

test("while a circuit is open, its fallback answers", async () => {
  const fallbacks = { "openai.chat/gpt-5-mini": "openai.chat/gpt-5-nano" };
  const { guard, records } = watchedGuard({ breaker: { fallbacks } });
  const openai = newest.provider(fake);
  const models = { spare: openai("gpt-5-nano") };
  const model = guardModel(openai("gpt-5-mini"), guard, { models });
  await guard.breaker.forceOpen("openai.chat/gpt-5-mini", {
    reason: "test",
    by: "test",
    ttlMs: 60_000,
  });
  const { text } = await newest.sdk.generateText({ model, prompt: "hello" });
  expect(text).toContain("hello");
  expect(records).toMatchObject([
    { name: "gpt-5-nano", requested: { key: "spare", because: "fallback" } },
  ]);
});

test("a substitute that is guarded itself is counted once", async () => {
  const { guard, records } = watchedGuard({ budgets: [DOWNGRADES] });
  const openai = guardProvider(newest.provider(fake), guard);
  const models = { cheap: openai("gpt-5-nano") };
  const model = guardModel(openai("gpt-5-mini"), guard, { models });
  await newest.sdk.generateText({ model, prompt: "hello" });
  await newest.sdk.generateText({ model, prompt: "hello" });
  expect(records.map(({ name }) => name)).toEqual(["gpt-5-mini", "gpt-5-nano"]);
});

test("a substitute is priced by the provider that its own guard was told", async () => {
  const { guard, records } = watchedGuard({ budgets: [DOWNGRADES] });
  const provider = newest.provider(fake);
  const cheap = guardModel(provider("gpt-5-nano"), guard, { provider: "backup" });
  const model = guardModel(provider("gpt-5-mini"), guard, { models: { cheap } });
  await newest.sdk.generateText({ model, prompt: "hello" });
  await newest.sdk.generateText({ model, prompt: "hello" });
  expect(records[1]).toMatchObject({ provider: "backup", name: "gpt-5-nano" });
});

test("how long a provider asks to stay away is in the record", async () => {
  const { guard, records } = watchedGuard();
  fake.next({ kind: "rate-limit", retryAfterSeconds: 7 });
  const model = guardModel(newest.provider(fake)("gpt-5-mini"), guard);
  await newest.sdk.generateText({ model, prompt: "hi", maxRetries: 0 }).catch(() => undefined);
  expect(records[0]).toMatchObject({ outcome: "rate-limited", retryAfterMs: 7_000 });
});

describe("models that cannot take a model's place", () => {
  const { guard } = watchedGuard({ budgets: [DOWNGRADES] });
  const language = newest.provider(fake)("gpt-5-mini");
  const older = (GENERATIONS[0] as Generation).provider(fake)("gpt-5-nano");

  test.each([
    ["of another kind", unitModel("doEmbed", {}), /"embedding".*same kind/],
    ["of an older specification", older, /"v2".*same generation/],
    ["that are none", "gpt-5-nano", /models\["cheap"\] must be a model object/],
  ])("%s are refused by name", (_, cheap, message) => {
    const make = () => guardModel(language, guard, { models: { cheap } as never });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  test("under a key that nothing asks for are refused", () => {
    const models = { chaep: language };
    expect(() => guardModel(language, guard, { models })).toThrow(/BR9001.*Did you mean "cheap"/);
  });

  test("are left out by a provider, which has models of many kinds", async () => {
    const models = { cheap: newest.provider(fake)("gpt-5-nano") };
    const provider = guardProvider(newest.provider(fake), guard, { models });
    const model = provider.textEmbeddingModel("text-embedding-3-small");
    expect((await newest.sdk.embed({ model, value: "hi" })).embedding.length).toBeGreaterThan(0);
  });
});
