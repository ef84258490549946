import { findGuardError } from "@burnrate/core";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  ToolMessage,
  tool,
  toolRetryMiddleware,
} from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, echo, provider, thrownBy, watchedGuard, withoutBackoff } from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

const messages = [{ role: "user" as const, content: "hi" }];
const callsTool = (name: string, args: Record<string, unknown> = {}) =>
  fake.next({ kind: "reply", toolCalls: [{ name, arguments: args }] });

/** LangChain's own type does not fit its own option under `exactOptionalPropertyTypes`. */
const retrying: AgentMiddleware = modelRetryMiddleware({
  maxRetries: 2,
  initialDelayMs: 0,
}) as never;

describe("a middleware around ours that goes on after a failed call", () => {
  test("goes on in the same task, which ends as the run does", async () => {
    const { guard, records, tasks } = watchedGuard();
    fake.next({ kind: "fail", status: 500 });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [retrying, guardMiddleware(guard)],
    });
    await agent.invoke({ messages });
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
    expect(tasks).toEqual(["good"]);
  });

  test.each([
    ["limit of steps", { limits: ["2 steps per task"] }, "BR4001", 2],
    ["refused loop", { limits: { repeatedToolCall: { refuseAt: 3 } } }, "BR4003", 3],
    ["budget", { budgets: ["2 calls/task"] }, "BR2001", 1],
  ] as const)("does not get around a task's %s", async (_, options, code, requests) => {
    for (const around of [retrying, modelFallbackMiddleware(chat(fake))]) {
      const { guard, tasks } = watchedGuard(options);
      const before = fake.requestCount();
      fake.script(() => ({
        kind: "reply",
        toolCalls: [{ name: "echo", arguments: { text: "hi" } }],
      }));
      const agent = createAgent({
        model: chat(fake),
        tools: [echo],
        middleware: [around, guardMiddleware(guard)],
      });
      const error = await thrownBy(() => agent.invoke({ messages }));
      expect(findGuardError(error)?.code).toBe(code);
      expect(fake.requestCount() - before).toBe(requests);
      expect(tasks).toEqual(["bad"]);
    }
    fake.reset();
  });
});

test("a refused tool that a middleware around ours tries again is refused in one task", async () => {
  const { guard, tasks, refused } = watchedGuard();
  await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
  const given = { maxRetries: 1, initialDelayMs: 0, onFailure: "error" } as const;
  const around: AgentMiddleware = toolRetryMiddleware(given) as never;
  callsTool("echo", { text: "hi" });
  const agent = createAgent({
    model: chat(fake),
    tools: [echo],
    middleware: [around, guardMiddleware(guard, { toolBlock: "throw" })],
  });
  const error = await thrownBy(() => agent.invoke({ messages }));
  expect(findGuardError(error)?.code).toBe("BR1001");
  expect(refused).toHaveLength(2);
  expect(tasks).toEqual(["bad"]);
});

describe("an agent inside a tool", () => {
  const research = (guard: Parameters<typeof guardMiddleware>[0]) =>
    tool(
      async () => {
        const agent = createAgent({
          model: chat(fake),
          tools: [],
          middleware: [guardMiddleware(guard)],
        });
        return (await agent.invoke({ messages })).messages.at(-1)?.text ?? "";
      },
      { name: "research", description: "asks an agent", schema: z.object({}) },
    );

  test("spends from the outer run's task, each call once", async () => {
    const { guard, records, tasks } = watchedGuard();
    callsTool("research");
    const agent = createAgent({
      model: chat(fake),
      tools: [research(guard)],
      middleware: [guardMiddleware(guard)],
    });
    await agent.invoke({ messages }, { callbacks: [guardCallback(guard)] });
    expect(records.map(({ kind }) => kind)).toEqual(["model", "model", "tool", "model"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
    expect(tasks).toEqual(["good"]);
    expect(fake.requestCount()).toBe(3);
  });

  test("that is refused tells the outer agent, and the refusal is found in the message", async () => {
    const { guard } = watchedGuard({ budgets: ["$5/day", "2 calls/day"] });
    const { guard: outer } = watchedGuard();
    callsTool("research");
    const agent = createAgent({
      model: chat(fake),
      tools: [research(guard)],
      middleware: [guardMiddleware(outer)],
    });
    await guard.run({ kind: "tool", name: "other" }, async () => ({ value: 1 }));
    await guard.run({ kind: "tool", name: "other" }, async () => ({ value: 1 }));
    const { messages: history } = await agent.invoke({ messages });
    const message = history.find((entry) => ToolMessage.isInstance(entry));
    expect(message).toMatchObject({ status: "error" });
    expect(message?.text).toContain("BR2001");
    expect(findGuardError(message?.artifact)?.code).toBe("BR2001");
    expect(fake.requestCount()).toBe(2);
  });
});

test("a refusal is found through every middleware that wraps it", async () => {
  const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
  const passing = (name: string) =>
    createMiddleware({ name, wrapModelCall: (request, handler) => handler(request) });
  const agent = createAgent({
    model: chat(fake),
    tools: [],
    middleware: [passing("One"), passing("Two"), passing("Three"), guardMiddleware(guard)],
  });
  const error = await thrownBy(() => agent.invoke({ messages }));
  expect(error).not.toHaveProperty("code");
  expect(findGuardError(error)?.code).toBe("BR2001");
});

test("a callback on the tool itself and the middleware count its call once", async () => {
  const { guard, records } = watchedGuard();
  const own = tool(async () => "done", { name: "own", description: "own", schema: z.object({}) });
  own.callbacks = [guardCallback(guard)];
  callsTool("own");
  await createAgent({
    model: chat(fake),
    tools: [own, echo],
    middleware: [guardMiddleware(guard)],
  }).invoke({ messages });
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
});
