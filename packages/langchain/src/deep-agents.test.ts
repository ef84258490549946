import { findGuardError, type Guard } from "@burnrate/core";
import { createDeepAgent } from "deepagents";
import type { AgentMiddleware } from "langchain";
import { beforeEach, describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

/** The main agent delegates, its sub-agent calls a tool, and each then answers. */
beforeEach(() => {
  const toSubAgent = { description: "look it up", subagent_type: "researcher" };
  fake.script([
    { kind: "reply", toolCalls: [{ name: "task", arguments: toSubAgent }] },
    { kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] },
  ]);
});

const input = { messages: [{ role: "user" as const, content: "hi" }] };
const agentOf = (guard: Guard, hook: "callback" | "model" | "middleware" | "main only") => {
  const model = hook === "model" ? guardModel(chat(fake), guard) : chat(fake);
  const own: AgentMiddleware[] = hook === "middleware" ? [guardMiddleware(guard)] : [];
  return createDeepAgent({
    model,
    tools: [],
    middleware: hook === "main only" ? [guardMiddleware(guard)] : own,
    subagents: [
      {
        name: "researcher",
        description: "Looks things up",
        systemPrompt: "Look it up.",
        tools: [echo],
        model,
        middleware: own,
      },
    ],
  });
};

describe("a deep agent", () => {
  test.each(["callback", "middleware"] as const)(
    "has its sub-agents' calls guarded by a %s",
    async (hook) => {
      const { guard, records } = watchedGuard();
      const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
      await agentOf(guard, hook).invoke(input, { callbacks });
      const models = records.filter(({ kind }) => kind === "model");
      expect(models).toHaveLength(fake.requestCount());
      expect(models).toHaveLength(4);
      const tools = records.filter(({ kind }) => kind === "tool").map(({ name }) => name);
      expect(tools.sort()).toEqual(["echo", "task"]);
      const cost = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
      expect(cost).toBe(fake.billedNanoUsd());
    },
  );

  test.each(["callback", "middleware"] as const)(
    "is one task with its sub-agents under a %s, to its end",
    async (hook) => {
      const { guard, records, tasks } = watchedGuard();
      const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
      await agentOf(guard, hook).invoke(input, { callbacks });
      expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
      expect(tasks).toEqual(["good"]);
    },
  );

  test("has every model call guarded by a guarded model", async () => {
    const { guard, records } = watchedGuard();
    await agentOf(guard, "model").invoke(input);
    expect(records.map(({ kind }) => kind)).toEqual(Array(4).fill("model"));
  });

  test("does not hand its middleware on to sub-agents: a known limit", async () => {
    const { guard, records } = watchedGuard();
    await agentOf(guard, "main only").invoke(input);
    expect(fake.requestCount()).toBe(4);
    expect(records.filter(({ kind }) => kind === "model")).toHaveLength(2);
  });

  test.each(["callback", "middleware", "model"] as const)(
    "whose sub-agent is refused by a %s stops",
    async (hook) => {
      const budget = {
        id: "m",
        limit: { calls: 2 },
        window: "day",
        match: { model: "*" },
      } as const;
      const { guard } = watchedGuard({ budgets: [budget] });
      const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
      const error = await thrownBy(() => agentOf(guard, hook).invoke(input, { callbacks }));
      expect(findGuardError(error)?.code).toBe("BR2001");
      expect(fake.requestCount()).toBe(2);
    },
  );
});
