import { findGuardError, type Guard } from "@burnrate/core";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, StateGraph } from "@langchain/langgraph";
import type { ChatOpenAI } from "@langchain/openai";
import {
  type AgentMiddleware,
  createAgent,
  modelFallbackMiddleware,
  modelRetryMiddleware,
} from "langchain";
import { describe, expect, test, vi } from "vitest";
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
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

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

/** Ways to be refused: whoever is on call, and a budget with nothing left. */
const refusals: Readonly<Record<string, () => Promise<ReturnType<typeof watchedGuard>>>> = {
  BR1001: async () => {
    const watched = watchedGuard();
    await killAll(watched.guard);
    return watched;
  },
  BR2001: async () => watchedGuard({ budgets: ["$0.000001/day"] }),
};

for (const [hook, setup] of Object.entries(setups)) {
  describe(`${hook} refuses before anything is sent`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test.each(Object.entries(refusals))(`${name}, with %s`, async (code, refuse) => {
        const { guard, refused } = await refuse();
        const error = await thrownBy(() => call(setup(guard)));
        expect(findGuardError(error)?.code).toBe(code);
        expect(refused.length).toBeGreaterThan(0);
        expect(fake.requestCount()).toBe(0);
      });

      test(`${name} works when nothing is refused, and is counted`, async () => {
        fake.script(() => ({ kind: "reply", text: '{"a":"b"}' }));
        const { guard, records } = watchedGuard();
        await call(setup(guard));
        expect(records.filter(({ kind }) => kind === "model")).toHaveLength(fake.requestCount());
        const spent = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
        expect(spent).toBe(fake.billedNanoUsd());
      });
    }

    test("LangChain's own retries of a model leave a refusal alone", async () => {
      const { guard, refused } = watchedGuard({ budgets: ["$0.000001/day"] });
      const { callbacks } = setup(guard);
      const bare = chat(fake, { maxRetries: 6 });
      const model = hook === "guardCallback" ? bare : guardModel(bare, guard);
      const error = await thrownBy(() => model.invoke("hi", { callbacks }));
      expect(error).toHaveProperty("code", "BR2001");
      expect(refused).toHaveLength(1);
      expect(fake.requestCount()).toBe(0);
    });
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

  test("LangChain says whose callback it was that refused", async () => {
    const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
    const written = vi.spyOn(console, "error").mockReturnValue();
    await thrownBy(() => chat(fake).invoke("hi", { callbacks: [guardCallback(guard)] }));
    const lines = written.mock.calls.join("\n");
    written.mockRestore();
    expect(lines).toContain("BurnrateGuard");
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

const agents: Readonly<Record<string, (guard: Guard) => unknown>> = {
  invoke: (guard) => guardedAgent(guard).invoke({ messages }),
  stream: async (guard) => drain(await guardedAgent(guard).stream({ messages })),
  batch: (guard) => guardedAgent(guard).graph.batch([{ messages }, { messages }] as never),
  "streamEvents v2": async (guard) =>
    drain(guardedAgent(guard).streamEvents({ messages }, { version: "v2" })),
  "streamEvents v3": async (guard) =>
    drain(await guardedAgent(guard).streamEvents({ messages }, { version: "v3" })),
  "inside a graph": async (guard) => {
    const agent = guardedAgent(guard);
    await new StateGraph(State)
      .addNode("ask", async () => {
        const { messages: history } = await agent.invoke({ messages });
        return { answer: history.at(-1)?.text ?? "" };
      })
      .addEdge("__start__", "ask")
      .compile()
      .invoke({ answer: "" });
  },
  "withRetry around it": (guard) =>
    RunnableLambda.from(() => guardedAgent(guard).invoke({ messages }))
      .withRetry({ stopAfterAttempt: 2 })
      .invoke(""),
  "withFallbacks around it": (guard) =>
    RunnableLambda.from(() => guardedAgent(guard).invoke({ messages }))
      .withFallbacks([RunnableLambda.from(() => guardedAgent(guard).invoke({ messages }))])
      .invoke(""),
  "a retrying middleware around it": (guard) =>
    guardedAgent(guard, [retrying, guardMiddleware(guard)]).invoke({ messages }),
  "a retrying middleware inside": (guard) =>
    guardedAgent(guard, [guardMiddleware(guard), retrying]).invoke({ messages }),
  "a fallback model": (guard) =>
    guardedAgent(guard, [modelFallbackMiddleware(chat(fake)), guardMiddleware(guard)]).invoke({
      messages,
    }),
  "a fallback model inside": (guard) =>
    guardedAgent(guard, [
      guardMiddleware(guard),
      modelFallbackMiddleware(guardModel(chat(fake), guard)),
    ]).invoke({ messages }),
};

describe("guardMiddleware refuses before anything is sent", () => {
  for (const [name, call] of Object.entries(agents)) {
    test.each(Object.entries(refusals))(`${name}, with %s`, async (code, refuse) => {
      const { guard } = await refuse();
      const error = await thrownBy(() => call(guard));
      expect(findGuardError(error)?.code).toBe(code);
      expect(fake.requestCount()).toBe(0);
    });

    test(`${name} works when nothing is refused, and is counted`, async () => {
      const { guard, records } = watchedGuard();
      await call(guard);
      expect(fake.requestCount()).toBeGreaterThan(0);
      expect(records).toHaveLength(fake.requestCount());
    });
  }

  test("a kill reaches the application as it is, from beforeModel", async () => {
    const { guard } = watchedGuard();
    await killAll(guard);
    const error = await thrownBy(() => guardedAgent(guard).invoke({ messages }));
    expect(error).toHaveProperty("code", "BR1001");
  });

  test("a retrying middleware inside asks once", async () => {
    const { guard, refused } = watchedGuard({ budgets: ["$0.000001/day"] });
    const agent = guardedAgent(guard, [guardMiddleware(guard), retrying]);
    await thrownBy(() => agent.invoke({ messages }));
    expect(refused).toHaveLength(1);
  });
});

/** LangChain's own type does not fit its own option under `exactOptionalPropertyTypes`. */
const retrying: AgentMiddleware = modelRetryMiddleware({
  maxRetries: 2,
  initialDelayMs: 0,
}) as never;

function guardedAgent(guard: Guard, middleware: AgentMiddleware[] = [guardMiddleware(guard)]) {
  return createAgent({ model: chat(fake), tools: [echo], middleware });
}
