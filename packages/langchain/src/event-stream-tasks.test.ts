import { createAgent, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { chat, drain, echo, provider, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const messages = [{ role: "user" as const, content: "hi" }];
const events = { version: "v3" } as const;

test("event streams of version 3 renew a budget per task for each run, with guarded models and a callback", async () => {
  const { guard, records, tasks } = watchedGuard({ budgets: ["3 calls/task"] });
  const agent = createAgent({ model: guardModel(chat(fake), guard), tools: [echo] });
  for (let run = 0; run < 2; run += 1) {
    fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
    const callbacks = [guardCallback(guard)];
    await drain(await agent.streamEvents({ messages }, { ...events, callbacks }));
  }
  expect(records.map(({ kind }) => kind).join(" ")).toBe("model tool model model tool model");
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(2);
  expect(tasks).toEqual(["good", "good"]);
});

test("a guarded model whose events a tool streams spends from the task of the run around", async () => {
  const { guard, records, tasks } = watchedGuard();
  const model = guardModel(chat(fake), guard);
  const write = tool(async () => (await model.streamEvents("hi")).text, {
    name: "write",
    description: "asks a model",
    schema: z.object({}),
  });
  fake.next({ kind: "reply", toolCalls: [{ name: "write", arguments: {} }] });
  const agent = createAgent({ model, tools: [write] });
  await agent.invoke({ messages }, { callbacks: [guardCallback(guard)] });
  expect(records.map(({ kind }) => kind)).toEqual(["model", "model", "tool", "model"]);
  const [task] = records.map(({ context }) => context.task);
  expect(task).toBeDefined();
  expect(records.every(({ context }) => context.task === task)).toBe(true);
  expect(tasks).toEqual(["good"]);
});
