import { findGuardError, type Guard } from "@burnrate/core";
import { Annotation, StateGraph } from "@langchain/langgraph";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  echo,
  killAll,
  provider,
  quiet,
  thrownBy,
  watchedGuard,
} from "./test-fixture.ts";

const fake = await provider();
beforeAll(quiet);

/** What an application may call with a model and its callbacks. */
interface Setup {
  readonly model: ChatOpenAI;
  readonly callbacks: ReturnType<typeof guardCallback>[];
}

const messages = [{ role: "user" as const, content: "hi" }];
const State = Annotation.Root({ answer: Annotation<string>() });

const calls: Readonly<Record<string, (setup: Setup) => unknown>> = {
  invoke: ({ model, callbacks }) => model.invoke("hi", { callbacks }),
  stream: async ({ model, callbacks }) => drain(await model.stream("hi", { callbacks })),
  batch: ({ model, callbacks }) => model.batch(["hi", "ho"], { callbacks }),
  "streamEvents v2": ({ model, callbacks }) =>
    drain(model.streamEvents("hi", { version: "v2", callbacks })),
  bindTools: ({ model, callbacks }) => model.bindTools([echo]).invoke("hi", { callbacks }),
  withConfig: ({ model, callbacks }) =>
    model.withConfig({ tags: ["x"] }).invoke("hi", { callbacks }),
  withStructuredOutput: ({ model, callbacks }) =>
    model.withStructuredOutput(z.object({ a: z.string() })).invoke("hi", { callbacks }),
  withRetry: ({ model, callbacks }) =>
    model.withRetry({ stopAfterAttempt: 2 }).invoke("hi", { callbacks }),
  withFallbacks: ({ model, callbacks }) => model.withFallbacks([model]).invoke("hi", { callbacks }),
  StateGraph: ({ model, callbacks }) =>
    new StateGraph(State)
      .addNode("ask", async () => ({ answer: (await model.invoke("hi")).text }))
      .addEdge("__start__", "ask")
      .compile()
      .invoke({ answer: "" }, { callbacks }),
  "agent invoke": ({ model, callbacks }) =>
    createAgent({ model, tools: [echo] }).invoke({ messages }, { callbacks }),
  "agent stream": async ({ model, callbacks }) =>
    drain(await createAgent({ model, tools: [echo] }).stream({ messages }, { callbacks })),
  "agent streamEvents v3": async ({ model, callbacks }) => {
    const agent = createAgent({ model, tools: [echo] });
    await drain(await agent.streamEvents({ messages }, { version: "v3", callbacks }));
  },
};

const setups: Readonly<Record<string, (guard: Guard) => Setup>> = {
  guardCallback: (guard) => ({ model: chat(fake), callbacks: [guardCallback(guard)] }),
  guardModel: (guard) => ({ model: guardModel(chat(fake), guard), callbacks: [] }),
  both: (guard) => ({ model: guardModel(chat(fake), guard), callbacks: [guardCallback(guard)] }),
};

for (const [hook, setup] of Object.entries(setups)) {
  describe(`${hook} refuses before anything is sent`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const { guard, refused } = watchedGuard();
        await killAll(guard);
        const error = await thrownBy(() => call(setup(guard)));
        expect(findGuardError(error)?.code).toBe("BR1001");
        expect(refused.length).toBeGreaterThan(0);
        expect(fake.requestCount()).toBe(0);
      });

      test(`${name} works when nothing is killed, and is counted`, async () => {
        fake.script(() => ({ kind: "reply", text: '{"a":"b"}' }));
        const { guard, records } = watchedGuard();
        await call(setup(guard));
        expect(records.filter(({ kind }) => kind === "model")).toHaveLength(fake.requestCount());
        const spent = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
        expect(spent).toBe(fake.billedNanoUsd());
      });
    }
  });
}

describe("event streams of a bare model, version 3", () => {
  test("guardModel refuses before anything is sent", async () => {
    const { guard } = watchedGuard();
    await killAll(guard);
    const error = await thrownBy(() => drain(guardModel(chat(fake), guard).streamEvents("hi")));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(fake.requestCount()).toBe(0);
  });

  test("guardModel counts what was used", async () => {
    const { guard, records } = watchedGuard();
    await drain(guardModel(chat(fake), guard).streamEvents("hi"));
    expect(records.map(({ costNanoUsd }) => costNanoUsd)).toEqual([fake.billedNanoUsd()]);
  });

  test("a callback is never told of them: a known escape of guardCallback alone", async () => {
    const { guard, refused } = watchedGuard();
    await killAll(guard);
    await drain(chat(fake).streamEvents("hi", { callbacks: [guardCallback(guard)] } as never));
    expect(refused).toEqual([]);
    expect(fake.requestCount()).toBe(1);
  });
});

describe("guardMiddleware refuses before anything is sent", () => {
  test("agent invoke, with the original error", async () => {
    const { guard } = watchedGuard();
    await killAll(guard);
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    const error = await thrownBy(() => agent.invoke({ messages }));
    expect(error).toHaveProperty("code", "BR1001");
    expect(fake.requestCount()).toBe(0);
  });

  test("agent stream", async () => {
    const { guard } = watchedGuard();
    await killAll(guard);
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    const error = await thrownBy(async () => drain(await agent.stream({ messages })));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(fake.requestCount()).toBe(0);
  });

  test("a budget that is used up, which is found through LangChain's wrapping", async () => {
    const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    const error = await thrownBy(() => agent.invoke({ messages }));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(fake.requestCount()).toBe(0);
  });
});
