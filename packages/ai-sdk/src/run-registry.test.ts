import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createFakeClock, type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, isStepCount, streamText, ToolLoopAgent, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import type { GenerateResult } from "./sdk-types.ts";
import { httpModel, partStream, STOP, thrownBy, USAGE, watchedGuard } from "./test-fixture.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const look = tool({
  inputSchema: z.object({ at: z.string() }),
  execute: async ({ at }: { at: string }) => `saw ${at}`,
});

function setUp(options?: Parameters<typeof watchedGuard>[0]) {
  const watched = watchedGuard(options);
  const agent = new ToolLoopAgent({
    model: guardModel(httpModel(fake), watched.guard),
    tools: guardTools({ look }, watched.guard),
  });
  return { ...watched, agent };
}

/** Two steps that each call the tool, and an answer. */
function threeSteps(): void {
  for (const at of ["a", "b"]) {
    fake.next({ kind: "reply", toolCalls: [{ name: "look", arguments: { at } }] });
  }
  fake.next({ kind: "reply", text: "done" });
}

for (const mode of ["generate", "stream"] as const) {
  test(`all steps and tools of one agent run are one task (${mode})`, async () => {
    const { agent, records, tasks } = setUp();
    for (let run = 0; run < 2; run += 1) {
      threeSteps();
      if (mode === "generate") await agent.generate({ prompt: "go" });
      else await (await agent.stream({ prompt: "go" })).consumeStream();
    }
    expect(records.map(({ kind }) => kind).join()).toBe(
      "model,tool,model,tool,model,model,tool,model,tool,model",
    );
    const ids = records.map(({ context }) => context.task);
    expect(new Set(ids.slice(0, 5)).size).toBe(1);
    expect(new Set(ids.slice(5)).size).toBe(1);
    expect(ids[0]).not.toBe(ids[5]);
    expect(tasks).toEqual(["good", "good"]);
  });
}

/** A model that breaks off at a search of its provider's and brings the result a step later. */
function searchingModel(): MockLanguageModelV4 {
  const call = { type: "tool-call", toolCallId: "s-1", toolName: "search", input: "{}" } as const;
  const steps: GenerateResult["content"][] = [
    [
      { type: "text", text: "Let me see." },
      { ...call, providerExecuted: true },
    ],
    [
      { type: "tool-result", toolCallId: "s-1", toolName: "search", result: {} },
      { type: "text", text: "found" },
    ],
  ];
  const end = { usage: USAGE, finishReason: STOP };
  return new MockLanguageModelV4({
    modelId: "gpt-5-mini",
    doGenerate: async () => ({ content: steps.shift() ?? [], warnings: [], ...end }),
    doStream: async () => {
      const parts = (steps.shift() ?? []).flatMap((part): unknown[] =>
        part.type === "text"
          ? [
              { type: "text-start", id: "1" },
              { type: "text-delta", id: "1", delta: part.text },
              { type: "text-end", id: "1" },
            ]
          : [part],
      );
      return { stream: partStream([...parts, { type: "finish", ...end }]) };
    },
  });
}

for (const mode of ["generate", "stream"] as const) {
  test(`a tool of the provider's that answers a step later ends no task (${mode})`, async () => {
    const { guard, records, tasks } = watchedGuard();
    const search = {
      type: "provider",
      id: "openai.search",
      args: {},
      inputSchema: z.object({}),
      isProviderExecuted: true,
      supportsDeferredResults: true,
    } as const;
    const agent = new ToolLoopAgent({
      model: guardModel(searchingModel(), guard),
      tools: { search },
    });
    if (mode === "generate") await agent.generate({ prompt: "go" });
    else await (await agent.stream({ prompt: "go" })).consumeStream();
    expect(records).toHaveLength(2);
    expect(records[0]?.context.task).toBe(records[1]?.context.task);
    expect(tasks).toEqual(["good"]);
  });
}

test("runs at the same time are tasks of their own", async () => {
  const { agent, records, tasks } = setUp();
  fake.script(({ body }) => {
    const messages = body["messages"] as readonly unknown[];
    return messages.length < 4
      ? { kind: "reply", toolCalls: [{ name: "look", arguments: { at: "x" } }] }
      : { kind: "reply", text: "done" };
  });
  await Promise.all([
    ...Array.from({ length: 5 }, () => agent.generate({ prompt: "go" })),
    ...Array.from({ length: 5 }, async () =>
      (await agent.stream({ prompt: "go" })).consumeStream(),
    ),
  ]);
  const perTask = Object.groupBy(records, ({ context }) => context.task ?? "none");
  expect(Object.values(perTask).map((calls) => calls?.length)).toEqual(Array(10).fill(5));
  expect(tasks).toEqual(Array(10).fill("good"));
});

test("a task budget stops an agent that loops, with the refusal as its error", async () => {
  const { agent, records, tasks } = setUp({ budgets: ["$5/day", "$0.002/task"] });
  fake.script(() => ({
    kind: "reply",
    text: "again ".repeat(100),
    toolCalls: [{ name: "look", arguments: { at: "x" } }],
  }));
  const error = await thrownBy(() => agent.generate({ prompt: "go" }));
  expect(error).toMatchObject({ code: "BR2001" });
  expect(records.length).toBeGreaterThan(2);
  expect(tasks).toEqual(["bad"]);
});

test("inside of the application's own task no other is opened", async () => {
  const { guard, tasks, records } = watchedGuard();
  await guard.task({ name: "own" }, async ({ id }) => {
    await generateText({ model: guardModel(httpModel(fake), guard), prompt: "hi" });
    expect(records[0]?.context.task).toBe(id);
  });
  expect(tasks).toEqual(["good"]);
});

test("an error that the SDK does not repeat ends the task as failed", async () => {
  const { guard, tasks } = watchedGuard();
  const model = guardModel(httpModel(fake), guard);
  fake.next({ kind: "fail", status: 400 });
  await thrownBy(() => generateText({ model, prompt: "hi" }));
  fake.next({ kind: "fail", status: 400 });
  await streamText({ model, prompt: "hi", onError: () => undefined }).consumeStream();
  expect(tasks).toEqual(["bad", "bad"]);
});

test("a run that the SDK gave up after retryable errors ends once it is forgotten", async () => {
  const { guard, tasks } = watchedGuard();
  const overloaded = () => Promise.reject(Object.assign(new Error("503"), { isRetryable: true }));
  const inner = {
    specificationVersion: "v4" as const,
    provider: "openai",
    modelId: "gpt-5-mini",
    supportedUrls: {},
    doGenerate: overloaded,
    doStream: overloaded,
  };
  const model = guardModel(inner, guard);
  await thrownBy(() => generateText({ model, prompt: "hi", maxRetries: 0 }));
  expect(tasks).toEqual([]);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let turn = 0; turn < 1_000 && tasks.length === 0; turn += 1) {
    collect();
    await setImmediate();
  }
  expect(tasks).toEqual(["bad"]);
  expect(guard.context().task).toBeUndefined(); // and keeps the guard itself alive until here
});

test.each([
  ["a time-out makes the task bad", new DOMException("Too slow.", "TimeoutError"), "bad"],
  ["an abort by the caller says nothing about the task", undefined, "excluded"],
])("%s", async (_, reason, outcome) => {
  const { guard, tasks } = watchedGuard();
  const model = guardModel(httpModel(fake), guard);
  fake.script(() => ({ kind: "stall", afterChunks: 0 }));
  const caller = new AbortController();
  const settings = { model, prompt: "hi", abortSignal: caller.signal };
  const whole = thrownBy(() => generateText(settings));
  const stream = streamText({ ...settings, onError: () => undefined });
  const streamed = stream.consumeStream();
  await fake.waitForRequests(2);
  caller.abort(reason);
  await Promise.all([whole, streamed]);
  expect(tasks).toEqual([outcome, outcome]);
});

test("stopWhen and tools that need approval work as without the guard", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(httpModel(fake), guard);
  fake.script(() => ({ kind: "reply", toolCalls: [{ name: "look", arguments: { at: "x" } }] }));
  const tools = guardTools({ look, asks: { ...look, needsApproval: true } }, guard);
  const stopped = await generateText({ model, tools, prompt: "go", stopWhen: isStepCount(2) });
  expect(stopped.steps).toHaveLength(2);
  fake.script(() => ({ kind: "reply", toolCalls: [{ name: "asks", arguments: { at: "x" } }] }));
  const asked = await generateText({ model, tools, prompt: "go", stopWhen: isStepCount(2) });
  expect(asked.content.some(({ type }) => type === "tool-approval-request")).toBe(true);
  expect(records.filter(({ name }) => name === "asks")).toHaveLength(0);
});

test("a stream that nobody reads ends its task with the sweeper, as excluded and once", async () => {
  const clock = createFakeClock();
  const { guard, tasks } = watchedGuard({ clock });
  fake.next({ kind: "reply", text: "word ".repeat(20_000) });
  const prompt = [{ role: "user", content: [{ type: "text", text: "hi" }] }];
  const { stream } = await guardModel(httpModel(fake), guard).doStream({ prompt } as never);
  clock.advance(1_400_000);
  expect(tasks).toEqual(["excluded"]);
  await stream.cancel();
  expect(tasks).toEqual(["excluded"]);
});
