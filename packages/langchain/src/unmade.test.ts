import type { Guard } from "@burnrate/core";
import { ChatOpenAI, type ChatOpenAIFields, OpenAIEmbeddings } from "@langchain/openai";
import { createAgent } from "langchain";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  drain,
  embeddingCard,
  money,
  prices,
  quiet,
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

beforeAll(quiet);
withoutBackoff();
beforeEach(() => {
  vi.stubEnv("OPENAI_API_KEY", undefined);
  vi.stubEnv("OPENAI_ADMIN_KEY", undefined);
  return () => vi.unstubAllEnvs();
});

const noAddress = { apiKey: "x", configuration: { baseURL: "no address" } };
const unmade: Readonly<Record<string, ChatOpenAIFields>> = {
  "without a key": {},
  "whose key cannot be had": { apiKey: () => Promise.reject(new Error("no")) },
  "whose address is none": noAddress,
};
type Ask = (guard: Guard, model: ChatOpenAI) => Promise<unknown>;
const asks: Readonly<Record<string, Ask>> = {
  guardModel: (guard, model) => guardModel(model, guard).invoke("hi"),
  "a stream of guardModel": async (guard, model) =>
    drain(await guardModel(model, guard).stream("hi")),
  guardCallback: (guard, model) => model.invoke("hi", { callbacks: [guardCallback(guard)] }),
  guardMiddleware: (guard, model) =>
    createAgent({ model, tools: [], middleware: [guardMiddleware(guard)] }).invoke({
      messages: [{ role: "user", content: "hi" }],
    }),
};
const turnedDown = { outcome: "client-error", costNanoUsd: 0, usageSource: "provider" };

describe.each(Object.entries(unmade))("a model %s sends nothing", (_, fields) => {
  test.each(Object.entries(asks))("and costs nothing with %s", async (_, ask) => {
    const { guard, records } = watchedGuard();
    const model = new ChatOpenAI({ model: "gpt-5-mini", maxRetries: 1, ...fields });
    const error = await thrownBy(() => ask(guard, model));
    expect(String(error)).toMatch(/credentials|apiKey|Invalid URL/);
    expect(records).toContainEqual(expect.objectContaining(turnedDown));
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
  });
});

test("embeddings whose address is none cost nothing", async () => {
  const priced = { ...prices, resolve: () => embeddingCard };
  const { guard, records } = watchedGuard({ prices: priced });
  const fields = { model: "text-embedding-3-small", maxRetries: 0, ...noAddress };
  const embeddings = guardEmbeddings(new OpenAIEmbeddings(fields), guard);
  await expect(embeddings.embedQuery("hi")).rejects.toThrow("Invalid URL");
  expect(records).toMatchObject([turnedDown]);
});

test.each(["guardModel", "guardCallback"])(
  "an answer in which a model of one's own finds no address is paid for (%s)",
  async (hook) => {
    const { guard, records } = watchedGuard();
    const model = new ChatOpenAI({ model: "gpt-5-mini", apiKey: "x", maxRetries: 0 });
    model._generate = async () => new URL("an answer without one") as never;
    await thrownBy(() => (asks[hook] as Ask)(guard, model));
    expect(records).toMatchObject([{ outcome: "failed", usageSource: "estimated" }]);
    expect((await money(guard)).spent).toBeGreaterThan(0);
  },
);

test("an answer that is no address to somebody is paid for", async () => {
  const { guard, records } = watchedGuard();
  const model = new ChatOpenAI({ model: "gpt-5-mini", apiKey: "x", maxRetries: 0 });
  model._streamResponseChunks = async function* () {
    yield { text: "hi", message: { content: "hi" } } as never;
    yield new URL("no address") as never;
  };
  await thrownBy(async () => drain(await guardModel(model, guard).stream("hi")));
  expect(records).toMatchObject([{ outcome: "failed", usageSource: "estimated" }]);
  expect((await money(guard)).spent).toBeGreaterThan(0);
});
