import { findGuardError, type Guard } from "@burnrate/core";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  ToolMessage,
  tool,
} from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, echo, killAll, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

const messages = [{ role: "user" as const, content: "hi" }];
const callsTool = (name: string, args: Record<string, unknown> = {}) =>
  fake.next({ kind: "reply", toolCalls: [{ name, arguments: args }] });
const failing = tool(
  async () => {
    throw new TypeError("no such file");
  },
  { name: "failing", description: "fails", schema: z.object({}) },
);
const picky = tool(async () => "fine", {
  name: "picky",
  description: "wants a number",
  schema: z.object({ count: z.number() }),
});

/** LangChain's own type does not fit its own option under `exactOptionalPropertyTypes`. */
const retrying = (maxRetries: number): AgentMiddleware =>
  modelRetryMiddleware({ maxRetries, initialDelayMs: 0 }) as never;

describe("tools in an agent", () => {
  test.each([
    ["throws", failing, {}],
    ["gets arguments that do not fit", picky, { count: "many" }],
  ] as const)("a tool that %s ends as LangChain ends it without us", async (_, faulty, args) => {
    const contents: unknown[] = [];
    const { guard, records } = watchedGuard();
    for (const middleware of [[], [guardMiddleware(guard)]]) {
      callsTool(faulty.name, args);
      const agent = createAgent({ model: chat(fake), tools: [faulty], middleware });
      const { messages: history } = await agent.invoke({ messages });
      const message = history.find((entry) => ToolMessage.isInstance(entry));
      contents.push({ text: strip(message?.text), status: message?.status, name: message?.name });
    }
    expect(contents[1]).toEqual(contents[0]);
    expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
    expect(records[1]?.outcome).toBe("failed");
  });

  test.each(["throws", "answers"])(
    "a tool that %s after a kill is a message of the kill",
    async (ends) => {
      const { guard, records } = watchedGuard();
      const cut = tool(
        async () => {
          await guard.kill({ tool: "cut" }, { reason: "test", by: "test" });
          if (ends === "throws") throw new TypeError("socket closed");
          return "too late";
        },
        { name: "cut", description: "is cut", schema: z.object({}) },
      );
      callsTool("cut");
      const middleware = [guardMiddleware(guard)];
      const agent = createAgent({ model: chat(fake), tools: [cut], middleware });
      const { messages: history } = await agent.invoke({ messages });
      expect(history.find((entry) => ToolMessage.isInstance(entry))?.text).toContain("BR1001");
      expect(records[1]).toMatchObject({ kind: "tool", outcome: "killed" });
    },
  );

  test("a refused tool is a message that names the code, and does not run", async () => {
    const { guard, refused } = watchedGuard();
    await guard.kill({ tool: "failing" }, { reason: "test", by: "test", level: "stop" });
    callsTool("failing");
    const agent = createAgent({
      model: chat(fake),
      tools: [failing],
      middleware: [guardMiddleware(guard)],
    });
    const { messages: history } = await agent.invoke({ messages });
    const message = history.find((entry) => ToolMessage.isInstance(entry));
    expect(message).toMatchObject({ status: "error" });
    expect(message?.text).toContain("BR1001");
    expect(findGuardError(message?.artifact)?.code).toBe("BR1001");
    expect(refused.at(-1)?.code).toBe("BR1001");
  });

  test("tools are left alone when asked to", async () => {
    const { guard, records } = watchedGuard();
    callsTool("echo", { text: "x" });
    const middleware = [guardMiddleware(guard, { tools: false })];
    await createAgent({ model: chat(fake), tools: [echo], middleware }).invoke({ messages });
    expect(records.map(({ kind }) => kind)).toEqual(["model", "model"]);
  });

  test("a refused tool ends the run when asked to", async () => {
    const { guard, tasks } = watchedGuard();
    await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
    callsTool("echo", { text: "x" });
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard, { toolBlock: "throw" })],
    });
    const error = await thrownBy(() => agent.invoke({ messages }));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(tasks).toEqual(["bad"]);
  });

  test("an interrupt in a tool pauses the run, and resuming it works", async () => {
    const { guard, records, tasks } = watchedGuard();
    const ask = tool(async () => `said ${interrupt("sure?")}`, {
      name: "ask",
      description: "asks",
      schema: z.object({}),
    });
    const agent = createAgent({
      model: chat(fake),
      tools: [ask],
      checkpointer: new MemorySaver(),
      middleware: [guardMiddleware(guard)],
    });
    const config = { configurable: { thread_id: "1" } };
    callsTool("ask");
    const paused = await agent.invoke({ messages }, config);
    expect(paused).toHaveProperty("__interrupt__");
    const done = await agent.invoke(new Command({ resume: "yes" }), config);
    expect(done.messages.find((entry) => ToolMessage.isInstance(entry))?.text).toBe("said yes");
    const outcomes = records.filter(({ kind }) => kind === "tool").map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["abandoned", "success"]);
    expect(tasks).toEqual(["excluded", "good"]);
  });
});

describe("other middleware", () => {
  test("a retrying middleware around us neither repeats nor swallows a kill", async () => {
    const { guard, refused } = watchedGuard();
    await killAll(guard);
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [retrying(2), guardMiddleware(guard)],
    });
    expect(await thrownBy(() => agent.invoke({ messages }))).toHaveProperty("code", "BR1001");
    expect(refused).toHaveLength(1);
    expect(fake.requestCount()).toBe(0);
  });

  test("a budget refusal that a retrying middleware swallowed still ends the run", async () => {
    const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [retrying(1), guardMiddleware(guard)],
    });
    expect(await thrownBy(() => agent.invoke({ messages }))).toHaveProperty("code", "BR2001");
    expect(fake.requestCount()).toBe(0);
  });

  test("nor does one between us and the model", async () => {
    const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [guardMiddleware(guard), retrying(1)],
    });
    const error = await thrownBy(() => agent.invoke({ messages }));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(fake.requestCount()).toBe(0);
  });

  test("a fallback model is a call of its own", async () => {
    const { guard, records } = watchedGuard();
    fake.next({ kind: "fail", status: 500 });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [modelFallbackMiddleware(chat(fake)), guardMiddleware(guard)],
    });
    await agent.invoke({ messages });
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
  });

  describe.each([
    ["falls back to", () => modelFallbackMiddleware(chat(fake))],
    [
      "chooses",
      () =>
        createMiddleware({
          name: "chooses",
          wrapModelCall: (request, handler) => handler({ ...request, model: chat(fake) }),
        }),
    ],
  ])("a model that a middleware after ours %s", (_, other) => {
    const agentOf = (guard: Guard) =>
      createAgent({ model: chat(fake), tools: [], middleware: [guardMiddleware(guard), other()] });

    test.each([[[]], [[{ handleLLMEnd: () => undefined }]]])(
      "is guarded, and charged once",
      async (callbacks) => {
        const watched = watchedGuard();
        fake.script(({ number }) => (number === 1 ? { kind: "fail", status: 500 } : undefined));
        const agent = agentOf(watched.guard);
        await agent.invoke({ messages }, { callbacks }).catch(() => undefined);
        await agent.invoke({ messages }, { callbacks });
        const cost = watched.records.reduce((sum, { costNanoUsd = 0 }) => sum + costNanoUsd, 0);
        expect(watched.records).toHaveLength(fake.requestCount());
        expect(cost).toBe(fake.billedNanoUsd());
      },
    );

    test("is not asked when it is refused", async () => {
      const { guard } = watchedGuard({ budgets: ["$0.000001/day"] });
      const error = await thrownBy(() => agentOf(guard).invoke({ messages }));
      expect(findGuardError(error)?.code).toBe("BR2001");
      expect(fake.requestCount()).toBe(0);
    });

    test("counts once with a callback of the same guard", async () => {
      const { guard, records } = watchedGuard();
      const callbacks = [guardCallback(guard)];
      await agentOf(guard).invoke({ messages }, { callbacks });
      expect(records).toHaveLength(fake.requestCount());
    });
  });

  test("a middleware that answers itself makes no call", async () => {
    const { guard, records, tasks } = watchedGuard();
    const { AIMessage } = await import("langchain");
    const short = createMiddleware({ name: "short", wrapModelCall: () => new AIMessage("me") });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [short, guardMiddleware(guard)],
    });
    await agent.invoke({ messages });
    expect(records).toEqual([]);
    expect(tasks.length).toBeLessThanOrEqual(1);
  });
});

describe("the implicit task of a run", () => {
  test("covers all calls of the run, and succeeds with it", async () => {
    const { guard, records, tasks } = watchedGuard();
    callsTool("echo", { text: "x" });
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    await agent.invoke({ messages });
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
    expect(records[0]?.context.task).toBeDefined();
    expect(tasks).toEqual(["good"]);
  });

  test("fails with the run", async () => {
    const { guard, tasks } = watchedGuard();
    fake.next({ kind: "fail", status: 400 });
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [guardMiddleware(guard)],
    });
    await thrownBy(() => agent.invoke({ messages }));
    expect(tasks).toEqual(["bad"]);
  });

  test("is the application's, where it opened one", async () => {
    const { guard, records, tasks } = watchedGuard();
    const agent = createAgent({
      model: chat(fake),
      tools: [],
      middleware: [guardMiddleware(guard)],
    });
    const id = await guard.task({ name: "mine" }, async (task) => {
      await agent.invoke({ messages });
      return task.id;
    });
    expect(records.map(({ context }) => context.task)).toEqual([id]);
    expect(tasks).toEqual(["good"]);
  });

  test("does not mix runs that go on at once", async () => {
    const { guard, records } = watchedGuard();
    const agent = createAgent({
      model: chat(fake),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    const users = Array.from({ length: 10 }, (_, index) => `u-${index}`);
    await Promise.all(users.map((user) => guard.with({ user }, () => agent.invoke({ messages }))));
    expect(records.map(({ context }) => context.user).sort()).toEqual(users.sort());
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(10);
  });
});

/** Stack traces differ with what is on the stack. */
function strip(text: string | undefined): string | undefined {
  return text?.replaceAll(/\n\s+at .*/g, "");
}
