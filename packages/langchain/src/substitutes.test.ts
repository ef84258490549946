import { createGuard, type Guard, type GuardOptions, type RateCard } from "@burnrate/core";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  echo,
  money,
  prices as one,
  provider,
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

const messages = [{ role: "user" as const, content: "hi" }];
const nano = (): ChatOpenAI => chat(fake, { model: "gpt-5-nano" });

/** A tenth of the price of `gpt-5-mini`. */
const cheap: RateCard = {
  provider: "openai",
  model: "gpt-5-nano",
  cost: ({ inputTokens, outputTokens }) => inputTokens * 25 + outputTokens * 200,
  ceiling: (input, output) => input * 25 + output * 200,
  affordableOutputTokens: (input, nanoUsd) => Math.floor((nanoUsd - input * 25) / 200),
};
const prices: GuardOptions["prices"] = {
  ...one,
  resolve: (providerName, model, at) =>
    model === "gpt-5-nano" ? cheap : one.resolve(providerName, model, at),
};

/** From its first dollar on the budget asks for the cheap model. */
const downgrading: GuardOptions = {
  prices,
  budgets: [
    {
      id: "day",
      limit: { usd: 5 },
      window: "day",
      at: [{ fraction: 0.00000001, do: { downgrade: "cheap" } }],
    },
  ],
};

type Ask = (guard: Guard, model: ChatOpenAI, instead: object) => Promise<unknown>;
const asks: Readonly<Record<string, Ask>> = {
  "guardModel invoke": (guard, model, instead) =>
    guardModel(model, guard, { models: { cheap: instead } }).invoke("hi"),
  "guardModel stream": async (guard, model, instead) =>
    drain(await guardModel(model, guard, { models: { cheap: instead } }).stream("hi")),
  guardMiddleware: (guard, model, instead) =>
    createAgent({
      model,
      tools: [echo],
      middleware: [guardMiddleware(guard, { models: { cheap: instead } })],
    }).invoke({ messages }),
  "guardMiddleware over a guarded model": (guard, model, instead) =>
    createAgent({
      model: guardModel(model, guard),
      tools: [echo],
      middleware: [guardMiddleware(guard, { models: { cheap: guardModel(instead, guard) } })],
    }).invoke({ messages }),
};

describe.each(Object.entries(asks))("%s, past a threshold that downgrades", (_, ask) => {
  test("sends the same request to the cheap model, at its own price", async () => {
    const { guard, records } = watchedGuard(downgrading);
    await ask(guard, chat(fake), nano());
    await ask(guard, chat(fake), nano());
    const bodies = fake.requests.map(({ receivedBody }) => receivedBody);
    expect(bodies.map((body) => body?.["model"])).toEqual(["gpt-5-mini", "gpt-5-nano"]);
    for (const key of ["messages", "tools", "stream"]) {
      expect(bodies[1]?.[key]).toEqual(bodies[0]?.[key]);
    }
    expect(records.map(({ name }) => name)).toEqual(["gpt-5-mini", "gpt-5-nano"]);
    expect(records[1]?.requested).toMatchObject({ name: "gpt-5-mini", because: "downgrade" });
    expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
  });

  test("keeps the request's own output limit", async () => {
    const { guard } = watchedGuard(downgrading);
    await ask(guard, chat(fake), nano());
    await ask(guard, chat(fake, { maxTokens: 77 }), nano());
    expect(fake.requests.at(-1)?.receivedBody?.["max_completion_tokens"]).toBe(77);
  });

  test("repeats a failed attempt at the cheap model's price", async () => {
    const { guard, records } = watchedGuard(downgrading);
    await ask(guard, chat(fake), nano());
    fake.next({ kind: "fail", status: 500 });
    await ask(guard, chat(fake), chat(fake, { model: "gpt-5-nano", maxRetries: 1 }));
    expect(records.map(({ name }) => name)).toEqual(["gpt-5-mini", "gpt-5-nano", "gpt-5-nano"]);
    expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
  });

  test("calls the fallback while the model's circuit is open", async () => {
    const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5-nano" };
    const { guard, records } = watchedGuard({ prices, breaker: { fallbacks } });
    fake.script(({ body }) =>
      body?.["model"] === "gpt-5-mini" ? { kind: "fail", status: 503 } : undefined,
    );
    for (let count = 0; count < 5; count++) {
      await thrownBy(() => ask(guard, chat(fake), nano()));
    }
    await ask(guard, chat(fake), nano());
    expect(records.at(-1)).toMatchObject({
      name: "gpt-5-nano",
      outcome: "success",
      requested: { name: "gpt-5-mini", because: "fallback" },
    });
  });
});

test("a substitute is priced by the provider that its own guard was told", async () => {
  const { guard, records } = watchedGuard(downgrading);
  const cheap = guardModel(nano(), guard, { provider: "backup" }).withConfig({ tags: ["spare"] });
  const model = guardModel(chat(fake), guard, { models: { cheap } });
  await model.invoke("hi");
  await model.invoke("hi");
  expect(records[1]).toMatchObject({ provider: "backup", name: "gpt-5-nano" });
});

test("a callback cannot substitute: the call keeps its model, and an event says so", async () => {
  const { guard, records } = watchedGuard(downgrading);
  const missing: string[] = [];
  guard.on("downgrade-unavailable", ({ name, key }) => missing.push(`${name} ${key}`));
  const callbacks = [guardCallback(guard)];
  await chat(fake).invoke("hi", { callbacks });
  await chat(fake).invoke("hi", { callbacks });
  expect(records.map(({ name }) => name)).toEqual(["gpt-5-mini", "gpt-5-mini"]);
  expect(missing).toEqual(["gpt-5-mini cheap"]);
});

test("what is bound to a model is sent to its substitute", async () => {
  const { guard } = watchedGuard(downgrading);
  const model = guardModel(chat(fake), guard, { models: { cheap: nano() } }).bindTools([echo], {
    tool_choice: "auto",
  });
  await model.invoke("hi");
  await model.invoke("hi");
  const [first, second] = fake.requests.map(({ receivedBody }) => receivedBody);
  expect(second).toEqual({ ...first, model: "gpt-5-nano" });
});

test("something that is no model is refused when the hook is made", () => {
  const guard = createGuard();
  expect(() => guardModel(chat(fake), guard, { models: { cheap: {} } })).toThrow(
    "models.cheap must be a model of LangChain's",
  );
  expect(() => guardMiddleware(guard, { models: { cheap: "gpt-5-nano" as never } })).toThrow(
    "BR9001",
  );
});

test("a model that the provider asks to leave alone is left alone", async () => {
  for (const wrap of [true, false]) {
    const { guard, refused } = watchedGuard({ breaker: true });
    fake.next({ kind: "rate-limit", retryAfterSeconds: 20 });
    const model = wrap ? guardModel(chat(fake), guard) : chat(fake);
    const ask = () => model.invoke("hi", { callbacks: [guardCallback(guard)] });
    await thrownBy(ask);
    await thrownBy(ask);
    expect(refused[0]?.details).toMatchObject({ state: "paused" });
    expect(refused[0]?.details?.["retryAfterMs"]).toBeGreaterThan(19_000);
  }
});
