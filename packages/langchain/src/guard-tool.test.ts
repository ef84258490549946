import { createGuard, findGuardError, type Guard } from "@burnrate/core";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { AIMessage, createAgent, DynamicTool, ToolMessage, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { type GuardToolOptions, guardTool } from "./guard-tool.ts";
import { chat, echo, killAll, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

const asked = { type: "tool_call" as const, id: "call-1", name: "echo", args: { text: "x" } };
const killed = async (options: GuardToolOptions = {}) => {
  const { guard } = watchedGuard();
  await killAll(guard);
  return guardTool(echo, guard, options);
};

describe("a guarded tool", () => {
  test("keeps its type, name and answers, however it is called", async () => {
    const { guard, records } = watchedGuard();
    const guarded = guardTool(echo, guard);
    expect(guarded).toBeInstanceOf(echo.constructor);
    expect(guardTool(guarded, guard)).toBe(guarded);
    expect(guarded.name).toBe("echo");
    expect(await guarded.invoke({ text: "x" })).toBe("echo x");
    expect(await guarded.call({ text: "x" })).toBe("echo x");
    expect(await guarded.invoke(asked)).toMatchObject({
      content: "echo x",
      tool_call_id: "call-1",
    });
    expect(await guarded.batch([{ text: "a" }, { text: "b" }])).toEqual(["echo a", "echo b"]);
    expect(records.map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`)).toEqual(
      Array(5).fill("tool echo success"),
    );
  });

  test("may be a tool for texts", async () => {
    const { guard, records } = watchedGuard();
    const upper = new DynamicTool({
      name: "upper",
      description: "Shouts",
      func: async (text) => text.toUpperCase(),
    });
    expect(await guardTool(upper, guard).invoke("x")).toBe("X");
    expect(records).toMatchObject([{ name: "upper", outcome: "success" }]);
  });

  test("is not asked for arguments that do not fit its schema", async () => {
    const { guard, records } = watchedGuard();
    await thrownBy(() => guardTool(echo, guard).invoke({ text: 5 } as never));
    expect(records).toEqual([]);
  });

  test("that fails, fails with its own error", async () => {
    const { guard, records } = watchedGuard();
    const error = new Error("no");
    const failing = tool(() => Promise.reject(error), {
      name: "failing",
      description: "fails",
      schema: z.object({}),
    });
    expect(await thrownBy(() => guardTool(failing, guard).invoke({}))).toBe(error);
    expect(records).toHaveLength(1);
    expect(records[0]?.outcome).not.toBe("success");
  });

  test("that answers in parts is one call", async () => {
    const { guard, records } = watchedGuard();
    const parts = tool(
      async function* () {
        yield "one";
        return "two";
      },
      { name: "parts", description: "in parts", schema: z.object({}) },
    );
    expect(await guardTool(parts, guard).invoke({})).toBe(await parts.invoke({}));
    expect(records).toMatchObject([{ name: "parts", outcome: "success" }]);
  });

  test.each([false, true])(
    "is told of a kill by its signal, under a callback: %s",
    async (under) => {
      const { guard, records } = watchedGuard();
      const callbacks = under ? [guardCallback(guard)] : [];
      const started = Promise.withResolvers<void>();
      const waiting = tool(
        (_, config) =>
          new Promise<string>((_resolve, reject) => {
            config.signal?.addEventListener("abort", () => reject(new Error("stopped")));
            started.resolve();
          }),
        { name: "waiting", description: "waits", schema: z.object({}) },
      );
      const running = thrownBy(() => guardTool(waiting, guard).invoke({}, { callbacks }));
      await started.promise;
      await killAll(guard, "abort");
      expect(await running).toMatchObject({ code: "BR1001" });
      expect(records).toMatchObject([{ outcome: "killed" }]);
    },
  );
});

describe("a refused tool", () => {
  test("throws, and does not run", async () => {
    const guarded = await killed();
    expect(await thrownBy(() => guarded.invoke({ text: "x" }))).toMatchObject({ code: "BR1001" });
    expect(await thrownBy(() => guarded.invoke(asked))).toMatchObject({ code: "BR1001" });
  });

  test("answers with an error message, if you say so", async () => {
    const guarded = await killed({ toolBlock: "message" });
    const message = (await guarded.invoke(asked)) as unknown as ToolMessage;
    expect(ToolMessage.isInstance(message)).toBe(true);
    expect(message).toMatchObject({ status: "error", tool_call_id: "call-1", name: "echo" });
    expect(findGuardError(message.artifact)?.code).toBe("BR1001");
    expect(await guarded.invoke({ text: "x" })).toMatch(/^KilledError: BR1001/);
  });

  test("becomes an error message in a ToolNode and in an agent", async () => {
    const guarded = await killed();
    const node = new ToolNode([guarded]);
    const { messages } = await node.invoke({
      messages: [new AIMessage({ content: "", tool_calls: [asked] })],
    });
    expect(messages[0]).toMatchObject({ status: "error" });
    expect(messages[0].text).toContain("BR1001");
  });
});

test("hooks over a guarded tool count its call once", async () => {
  const agentOf = (guard: Guard) =>
    createAgent({
      model: chat(fake),
      tools: [guardTool(echo, guard)],
      middleware: [guardMiddleware(guard)],
    });
  for (const callbacks of [false, true]) {
    const { guard, records } = watchedGuard();
    fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
    await agentOf(guard).invoke(
      { messages: [{ role: "user", content: "hi" }] },
      { callbacks: callbacks ? [guardCallback(guard)] : [] },
    );
    expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  }
});

test("what is no tool, and a misspelt option, are refused at once", () => {
  const guard = createGuard();
  expect(() => guardTool({ name: "x" }, guard)).toThrow("tool must be a tool of LangChain's");
  expect(() => guardTool(echo, guard, { toolBlock: "mesage" as never })).toThrow('"message"');
});
