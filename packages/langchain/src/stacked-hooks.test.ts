import { findGuardError } from "@burnrate/core";
import { InMemoryCache } from "@langchain/core/caches";
import { Annotation, StateGraph } from "@langchain/langgraph";
import { type AgentMiddleware, createAgent, tool, toolRetryMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const messages = [{ role: "user" as const, content: "hi" }];

describe("hooks that are stacked", () => {
  test("count each call of an agent once: callback, middleware and model", async () => {
    const { guard, records, tasks } = watchedGuard();
    fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
    const agent = createAgent({
      model: guardModel(chat(fake), guard),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    await agent.invoke({ messages }, { callbacks: [guardCallback(guard)] });
    expect(records.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "model gpt-5-mini",
      "tool echo",
      "model gpt-5-mini",
    ]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
    expect(tasks).toEqual(["good"]);
  });

  test("count once when the same model is guarded twice, and a callback is given twice", async () => {
    const { guard, records } = watchedGuard();
    const once = guardModel(chat(fake), guard);
    expect(guardModel(once, guard)).toBe(once);
    const callback = guardCallback(guard);
    await chat(fake, { callbacks: [callback] }).invoke("hi", { callbacks: [callback] });
    expect(records).toHaveLength(1);
  });

  test("of two guards each see the call", async () => {
    const [first, second] = [watchedGuard(), watchedGuard()];
    await guardModel(guardModel(chat(fake), first.guard), second.guard).invoke("hi");
    expect([first.records.length, second.records.length]).toEqual([1, 1]);
  });

  test("of two guards each see a call once, in whatever order they are put on", async () => {
    const [first, second] = [watchedGuard(), watchedGuard()];
    const [a, b] = [first.guard, second.guard];
    const counts = (): number[] => [first.records.length, second.records.length];
    const model = guardModel(guardModel(guardModel(chat(fake), a), b), a);
    await model.invoke("hi");
    expect(counts()).toEqual([1, 1]);
    await guardModel(guardModel(chat(fake), a), b)
      .bindTools([echo])
      .invoke("hi");
    expect(counts()).toEqual([2, 2]);
    await guardTool(guardTool(guardTool(echo, a), b), a).invoke({ text: "x" });
    expect(counts()).toEqual([3, 3]);
    const agent = createAgent({ model, tools: [], middleware: [guardMiddleware(b)] });
    await agent.invoke({ messages }, { callbacks: [guardCallback(a)] });
    expect(counts()).toEqual([4, 4]);
  });

  test("a guarded tool that a middleware after ours repeats is a call of each attempt", async () => {
    fake.next({ kind: "reply", toolCalls: [{ name: "flaky", arguments: {} }] });
    const { guard, records } = watchedGuard();
    let runs = 0;
    const run = async (): Promise<string> => {
      runs += 1;
      if (runs < 3) throw new Error("try again");
      return "well";
    };
    const flaky = tool(run, { name: "flaky", description: "fails", schema: z.object({}) });
    const retry = toolRetryMiddleware({ maxRetries: 3, initialDelayMs: 0, jitter: false });
    const agent = createAgent({
      model: chat(fake),
      tools: [guardTool(flaky, guard)],
      middleware: [guardMiddleware(guard), retry as unknown as AgentMiddleware],
    });
    const { messages: said } = await agent.invoke({ messages });
    expect(said.map(({ content }) => content)).toContain("well");
    const tools = records.filter(({ kind }) => kind === "tool");
    expect(tools.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "success"]);
  });

  test("a retry is a new call", async () => {
    const { guard, records } = watchedGuard();
    fake.next({ kind: "fail", status: 500 });
    await guardModel(chat(fake), guard)
      .withRetry({ stopAfterAttempt: 2 })
      .invoke("hi", {
        callbacks: [guardCallback(guard)],
      });
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
  });

  test("a model called inside a tool is a call of its own, in the same task", async () => {
    const { guard, records } = watchedGuard();
    const model = guardModel(chat(fake), guard);
    const inner = tool(async () => (await model.invoke("inside")).text, {
      name: "inner",
      description: "asks a model",
      schema: z.object({}),
    });
    fake.next({ kind: "reply", toolCalls: [{ name: "inner", arguments: {} }] });
    await createAgent({ model, tools: [inner], middleware: [guardMiddleware(guard)] }).invoke({
      messages,
    });
    expect(records.map(({ kind }) => kind)).toEqual(["model", "model", "tool", "model"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  });
});

describe("an answer of LangChain's cache", () => {
  test("settles at 0 for a callback", async () => {
    const { guard, records } = watchedGuard();
    const model = chat(fake, { cache: new InMemoryCache() });
    const callbacks = [guardCallback(guard)];
    await model.invoke("hi", { callbacks });
    await model.invoke("hi", { callbacks });
    expect(records.map(({ outcome }) => outcome)).toEqual(["success", "cached"]);
    expect(records[1]?.costNanoUsd).toBe(0);
    expect(fake.requestCount()).toBe(1);
  });

  test("is no call for a guarded model", async () => {
    const { guard, records } = watchedGuard();
    const model = guardModel(chat(fake, { cache: new InMemoryCache() }), guard);
    await model.invoke("hi", { callbacks: [guardCallback(guard)] });
    await model.invoke("hi", { callbacks: [guardCallback(guard)] });
    expect(records).toHaveLength(1);
  });
});

test("a refusal is found in what parallel nodes of a graph throw", async () => {
  const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
  const model = guardModel(chat(fake), guard);
  const State = Annotation.Root({ a: Annotation<string>(), b: Annotation<string>() });
  const graph = new StateGraph(State)
    .addNode("left", async () => ({ a: (await model.invoke("hi")).text }))
    .addNode("right", async () => ({ b: (await model.invoke("hi")).text }))
    .addEdge("__start__", "left")
    .addEdge("__start__", "right")
    .compile();
  const error = await thrownBy(() => graph.invoke({ a: "", b: "" }));
  expect(findGuardError(error)?.code).toBe("BR2001");
  expect(fake.requestCount()).toBe(0);
});

test("the implicit task of a callback covers a chain and ends with it", async () => {
  const { guard, records, tasks } = watchedGuard();
  const chain = chat(fake)
    .pipe(({ text }) => text)
    .pipe(chat(fake));
  await chain.invoke("hi", { callbacks: [guardCallback(guard)] });
  expect(records).toHaveLength(2);
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  expect(records[0]?.context.task).toBeDefined();
  fake.next({ kind: "fail", status: 500 });
  await thrownBy(() => chain.invoke("hi", { callbacks: [guardCallback(guard)] }));
  expect(tasks).toEqual(["good", "bad"]);
});

test("calls at once keep their own contexts", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(chat(fake), guard);
  const users = Array.from({ length: 20 }, (_, index) => `u-${index}`);
  await Promise.all(users.map((user) => guard.with({ user }, () => model.invoke("hi"))));
  expect(records.map(({ context }) => context.user).sort()).toEqual(users.sort());
});
