import { findGuardError, type Guard, type GuardOptions } from "@burnrate/core";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { beforeEach, describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, drain, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
beforeEach(() =>
  fake.script(() => ({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] })),
);

const input = { messages: [{ role: "user" as const, content: "hi" }] };

/** An agent whose model asks for the same tool for ever. */
const agents: Readonly<Record<string, (guard: Guard) => Promise<unknown>>> = {
  "createAgent with guardMiddleware": (guard) =>
    createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    }).invoke(input, { recursionLimit: 200 }),
  "createAgent with guardMiddleware, streamed": async (guard) => {
    const middleware = [guardMiddleware(guard)];
    const agent = createAgent({ model: chat(fake), tools: [echo], middleware });
    return drain(await agent.stream(input, { recursionLimit: 200, streamMode: "messages" }));
  },
  "createAgent with guardCallback": (guard) =>
    createAgent({ model: chat(fake), tools: [echo] }).invoke(input, {
      recursionLimit: 200,
      callbacks: [guardCallback(guard)],
    }),
  "createAgent with guardModel and guardTool": (guard) =>
    guard.task({ name: "loop" }, () =>
      createAgent({ model: guardModel(chat(fake), guard), tools: [guardTool(echo, guard)] }).invoke(
        input,
        { recursionLimit: 200 },
      ),
    ),
  "createAgent with guardEverywhere": async (guard) => {
    const undo = guardEverywhere(guard);
    try {
      return await createAgent({ model: chat(fake), tools: [echo] }).invoke(input, {
        recursionLimit: 200,
      });
    } finally {
      undo();
    }
  },
  "LangGraph's prebuilt agent with guardCallback": (guard) =>
    createReactAgent({ llm: chat(fake), tools: [echo] }).invoke(input, {
      recursionLimit: 200,
      callbacks: [guardCallback(guard)],
    }),
  "LangGraph's prebuilt agent with guardModel and guardTool": (guard) =>
    guard.task({ name: "loop" }, () =>
      createReactAgent({
        llm: guardModel(chat(fake), guard),
        tools: [guardTool(echo, guard)],
      }).invoke(input, { recursionLimit: 200 }),
    ),
};

/** What ends the loop, and after how many requests to the model. */
const ends: readonly (readonly [string, GuardOptions, string, number])[] = [
  [
    "a budget",
    { budgets: [{ id: "m", limit: { calls: 3 }, window: "day", match: { model: "*" } }] },
    "BR2001",
    3,
  ],
  [
    "the limit of repeated tool calls",
    { limits: { repeatedToolCall: { alertAt: 2, refuseAt: 4 } } },
    "BR4003",
    4,
  ],
];

describe.each(Object.entries(agents))("%s, in a tool loop", (_, run) => {
  test.each(ends)(
    "stops within one model call of a refusal by %s",
    async (_, options, code, sent) => {
      const { guard, refused } = watchedGuard(options);
      const error = await thrownBy(() => run(guard));
      expect(findGuardError(error)?.code).toBe(code);
      expect(fake.requestCount()).toBe(sent);
      expect(refused.map((refusal) => refusal.code)).toContain(code);
      expect(refused.length).toBeLessThanOrEqual(2); // the tool's, and that of the next model call
    },
  );
});
