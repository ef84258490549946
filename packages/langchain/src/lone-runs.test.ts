import { findGuardError, type Guard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, StateGraph } from "@langchain/langgraph";
import type { ChatOpenAI, ChatOpenAIFields } from "@langchain/openai";
import { tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { stateOf } from "./guard-state.ts";
import { guardTool } from "./guard-tool.ts";
import {
  chat,
  drain,
  echo,
  killAll,
  provider,
  thrownBy,
  watchedTasks,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

type Make = (guard: Guard, fields?: ChatOpenAIFields) => ChatOpenAI;
const called = (model: ChatOpenAI, guard: Guard): ChatOpenAI => {
  const callbacks = [guardCallback(guard)];
  return model.withConfig({ callbacks }) as unknown as ChatOpenAI;
};
const makes: Readonly<Record<string, Make>> = {
  "guardCallback for a call": (guard, fields) => called(chat(fake, fields), guard),
  "guardCallback bound when made": (guard, fields) =>
    chat(fake, { ...fields, callbacks: [guardCallback(guard)] }),
  guardModel: (guard, fields) => guardModel(chat(fake, fields), guard),
  "guardModel and guardCallback": (guard, fields) =>
    called(guardModel(chat(fake, fields), guard), guard),
};

describe.each(Object.entries(makes))("a model that is called by itself, with %s", (_, make) => {
  test("is a run, whose task ends with it: each has a budget of its own", async () => {
    const { guard, records, ended, tasks } = watchedTasks({ budgets: ["1 calls/task"] });
    const model = make(guard);
    await model.invoke("hi");
    await drain(await model.stream("hi"));
    await model.batch(["a", "b"]);
    expect(records).toHaveLength(4);
    expect(new Set(tasks()).size).toBe(4);
    expect(tasks()).not.toContain(undefined);
    expect(ended).toEqual(Array(4).fill("ChatOpenAI good"));
  });

  test("ends it once when the provider fails, the caller aborts, or time is up", async () => {
    const { guard, ended } = watchedTasks();
    const model = make(guard);
    fake.next({ kind: "fail", status: 500 });
    await thrownBy(() => model.invoke("hi"));
    fake.next({ kind: "stall" });
    const caller = new AbortController();
    const running = thrownBy(() => model.invoke("hi", { signal: caller.signal }));
    await fake.waitForRequests(2);
    caller.abort();
    await running;
    fake.next({ kind: "stall" });
    await thrownBy(() => model.invoke("hi", { signal: AbortSignal.timeout(20) }));
    await expect
      .poll(() => ended)
      .toEqual(["ChatOpenAI bad", "ChatOpenAI excluded", "ChatOpenAI bad"]);
  });

  test("ends it as bad when its first call is refused, also of a stream", async () => {
    const { guard, ended, refused } = watchedTasks();
    await killAll(guard);
    const model = make(guard);
    expect(findGuardError(await thrownBy(() => model.invoke("hi")))?.code).toBe("BR1001");
    await thrownBy(async () => drain(await model.stream("hi")));
    expect(refused).toHaveLength(2);
    expect(ended).toEqual(["ChatOpenAI bad", "ChatOpenAI bad"]);
  });

  test("ends it when its stream is left, or never read, with the sweeper at the latest", async () => {
    const clock = createFakeClock();
    const { guard, ended } = watchedTasks({ clock });
    const model = make(guard);
    fake.script(() => ({ kind: "reply", text: "one two three four five six" }));
    for await (const _ of await model.stream("hi")) break;
    await model.stream("hi");
    await fake.idle();
    clock.advance(1_400_000);
    expect(ended).toEqual(["ChatOpenAI excluded", "ChatOpenAI excluded"]);
    expect(guard.metrics().calls.inFlight).toBe(0);
  });

  test("opens none in a task of the application", async () => {
    const { guard, ended, tasks } = watchedTasks();
    const id = await guard.task({ name: "mine" }, async (task) => {
      await make(guard).invoke("hi");
      return task.id;
    });
    expect(tasks()).toEqual([id]);
    expect(ended).toEqual(["mine good"]);
  });
});

test("attempts that LangChain repeats below a guarded model are in one task", async () => {
  const { guard, ended, tasks } = watchedTasks();
  fake.next({ kind: "fail", status: 500 });
  await guardModel(chat(fake, { maxRetries: 1 }), guard).invoke("hi");
  expect(tasks()).toHaveLength(2);
  expect(new Set(tasks()).size).toBe(1);
  expect(ended).toEqual(["ChatOpenAI good"]);
});

test("the answer of a guarded model that comes after the sweeper is a good run all the same", async () => {
  const clock = createFakeClock();
  const { guard, ended } = watchedTasks({ clock });
  const answer = Promise.withResolvers<void>();
  fake.next({ kind: "reply", text: "late", beforeChunk: () => answer.promise });
  const running = guardModel(chat(fake), guard).invoke("hi");
  await fake.waitForRequests(1);
  clock.advance(1_400_000);
  answer.resolve();
  await running;
  expect(ended).toEqual(["ChatOpenAI good"]);
});

test("attempts of withRetry are in one task, where a callback hears of them", async () => {
  const { guard, ended, tasks } = watchedTasks();
  fake.next({ kind: "fail", status: 500 });
  const model = chat(fake).withRetry({ stopAfterAttempt: 2 });
  await model.invoke("hi", { callbacks: [guardCallback(guard)] });
  expect(new Set(tasks()).size).toBe(1);
  expect(ended).toEqual(["ChatOpenAI good"]);
});

test("two guards have a task each, and a refusal of one ends that of the other", async () => {
  const [first, second] = [watchedTasks(), watchedTasks()];
  const callbacks = [guardCallback(first.guard), guardCallback(second.guard)];
  await chat(fake).invoke("hi", { callbacks });
  await killAll(second.guard);
  await thrownBy(() => chat(fake).invoke("hi", { callbacks }));
  await thrownBy(() => chat(fake).invoke("hi", { callbacks: callbacks.toReversed() }));
  expect(second.ended).toEqual(["ChatOpenAI good", "ChatOpenAI bad", "ChatOpenAI bad"]);
  expect(first.ended[0]).toBe("ChatOpenAI good");
  expect(first.ended.filter((outcome) => outcome === "ChatOpenAI good")).toHaveLength(1);
  expect(first.guard.metrics().calls.inFlight).toBe(0);
});

test("runs that are refused by another guard, or never end, are forgotten", async () => {
  const [first, second] = [watchedTasks({ budgets: [] }), watchedTasks()];
  await killAll(second.guard);
  const callbacks = [guardCallback(first.guard), guardCallback(second.guard)];
  await thrownBy(() => chat(fake).invoke("hi", { callbacks }));
  expect(first.ended).toEqual(["ChatOpenAI bad"]);
  expect(stateOf(first.guard).loneRuns.size).toBe(0);
  const start = guardCallback(first.guard).handleChatModelStart;
  for (let run = 0; run < 10_100; run += 1)
    await start({}, [], `run-${run}`, undefined, {}, [], {});
  expect(first.ended).toHaveLength(101);
  expect(stateOf(first.guard).loneRuns.size).toBe(10_000);
});

test("evaluators of tasks see what the model said, and a required one withholds it", async () => {
  const seen: unknown[] = [];
  const evaluator = {
    name: "polite",
    on: "task",
    mode: "inline",
    required: true,
    evaluate: ({ output }: { readonly output?: unknown }) => {
      seen.push(output);
      return { score: 0, passed: false };
    },
  } as const;
  const { guard, ended } = watchedTasks({ evaluators: [evaluator] });
  for (const make of Object.values(makes)) {
    const error = await thrownBy(() => make(guard).invoke("hi"));
    expect(findGuardError(error)?.code).toBe("BR6001");
  }
  expect(seen).toEqual(Array(4).fill("You said: hi"));
  expect(ended).toEqual(Array(4).fill("ChatOpenAI bad"));
});

describe("in a graph, a tool or a function that no callback of the guard follows", () => {
  test.each(Object.entries(makes).slice(1, 3))("%s makes no task of each call", async (_, make) => {
    const { guard, ended, tasks } = watchedTasks();
    const model = make(guard);
    const State = Annotation.Root({ a: Annotation<string>() });
    const graph = new StateGraph(State)
      .addNode("one", async () => ({ a: (await model.invoke("hi")).text }))
      .addNode("two", async () => ({ a: (await model.invoke("hi")).text }))
      .addEdge("__start__", "one")
      .addEdge("one", "two")
      .compile();
    await graph.invoke({ a: "" });
    await RunnableLambda.from(async () => (await model.invoke("hi")).text).invoke("");
    await tool(async () => (await model.invoke("hi")).text, {
      name: "inner",
      description: "asks",
      schema: z.object({}),
    }).invoke({});
    expect(tasks()).toEqual(Array(4).fill(undefined));
    expect(ended).toEqual([]);
  });

  test.each(Object.entries(makes).slice(1, 3))("%s makes none of each stream", async (_, make) => {
    const { guard, ended, tasks } = watchedTasks();
    const model = make(guard);
    const State = Annotation.Root({ a: Annotation<string>() });
    const stream = async () => ({ a: String(await drain(await model.stream("hi"))) });
    const chain = async () => ({ a: String(await drain(await model.pipe((x) => x).stream("hi"))) });
    const graph = new StateGraph(State)
      .addNode("one", stream)
      .addNode("two", chain)
      .addEdge("__start__", "one")
      .addEdge("one", "two")
      .compile();
    await graph.invoke({ a: "" });
    expect(tasks()).toEqual([undefined, undefined]);
    expect(ended).toEqual([]);
  });

  test("guardModel makes none of each stream in a function, a tool or withFallbacks", async () => {
    const { guard, ended, tasks } = watchedTasks();
    const model = guardModel(chat(fake), guard);
    const ask = async () => drain(await model.stream("hi"));
    const chain = async () => drain(await model.pipe((x) => x).stream("hi"));
    for (const run of [ask, chain]) {
      await RunnableLambda.from(run).invoke("");
      await tool(run, { name: "inner", description: "asks", schema: z.object({}) }).invoke({});
    }
    fake.next({ kind: "fail", status: 500 });
    await drain(await model.withFallbacks([guardModel(chat(fake), guard)]).stream("hi"));
    expect(tasks()).toEqual(Array(6).fill(undefined));
    expect(ended).toEqual([]);
  });

  test("guardTool makes no task of each call", async () => {
    const { guard, tasks } = watchedTasks();
    const guarded = guardTool(echo, guard);
    await RunnableLambda.from(async () => guarded.invoke({ text: "x" })).invoke("");
    expect(tasks()).toEqual([undefined]);
  });
});
