import { Annotation, Command, interrupt, MemorySaver, StateGraph } from "@langchain/langgraph";
import { type AgentMiddleware, createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, echo, money, provider, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

const messages = [{ role: "user" as const, content: "hi" }];
const config = { configurable: { thread_id: "1" } };
const State = Annotation.Root({ answer: Annotation<string>() });

const ask = tool(async () => `said ${interrupt("sure?")}`, {
  name: "ask",
  description: "asks",
  schema: z.object({}),
});

test("a graph that waits for somebody is neither done nor failed, with a callback", async () => {
  const { guard, tasks } = watchedGuard();
  const callbacks = [guardCallback(guard)];
  const graph = new StateGraph(State)
    .addNode("ask", async () => {
      const said: string = interrupt("sure?");
      return { answer: `${said} ${(await chat(fake).invoke("hi")).text}` };
    })
    .addEdge("__start__", "ask")
    .compile({ checkpointer: new MemorySaver() });
  expect(await graph.invoke({ answer: "" }, { ...config, callbacks })).toHaveProperty(
    "__interrupt__",
  );
  const done = await graph.invoke(new Command({ resume: "yes" }), { ...config, callbacks });
  expect(done.answer).toMatch(/^yes /);
  expect(tasks).toEqual(["excluded", "good"]);
});

test("a tool that interrupts is rethrown, and goes on when it is resumed, with a callback", async () => {
  const { guard, records } = watchedGuard();
  const callbacks = [guardCallback(guard)];
  fake.next({ kind: "reply", toolCalls: [{ name: "ask", arguments: {} }] });
  const agent = createAgent({
    model: chat(fake),
    tools: [ask],
    checkpointer: new MemorySaver(),
  });
  const paused = await agent.invoke({ messages }, { ...config, callbacks });
  expect(paused).toHaveProperty("__interrupt__");
  await agent.invoke(new Command({ resume: "yes" }), { ...config, callbacks });
  const ends = records.filter(({ kind }) => kind === "tool").map(({ outcome }) => outcome);
  expect(ends).toEqual(["abandoned", "success"]);
  expect((await money(guard)).held).toBe(0);
});

test("a human in the loop may approve a guarded tool", async () => {
  const { guard, records } = watchedGuard();
  // LangChain's own types do not fit each other under `exactOptionalPropertyTypes`.
  const approval = { interruptOn: { echo: true } } as never;
  const approving: AgentMiddleware = humanInTheLoopMiddleware(approval) as never;
  fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
  const agent = createAgent({
    model: chat(fake),
    tools: [echo],
    checkpointer: new MemorySaver(),
    middleware: [approving, guardMiddleware(guard)],
  });
  const paused = await agent.invoke({ messages }, config);
  expect(paused).toHaveProperty("__interrupt__");
  const resume = { decisions: [{ type: "approve" }] };
  const done = await agent.invoke(new Command({ resume }), config);
  expect(done.messages.map(({ text }) => text)).toContain("echo x");
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
});
