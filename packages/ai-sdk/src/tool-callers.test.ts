import { findGuardError } from "@burnrate/core";
import { experimental_toolCaller, generateText, isStepCount, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { expect, test } from "vitest";
import { z } from "zod";
import { guardTools } from "./guard-tools.ts";
import { STOP, USAGE, watchedGuard } from "./test-fixture.ts";

const inputSchema = z.object({});

/** A model that calls a tool and is content with what it brings. */
function calls(toolName: string): MockLanguageModelV4 {
  const asked = { type: "tool-call", toolCallId: "1", toolName, input: "{}" } as const;
  const text = { type: "text", text: "done" } as const;
  const answer = { usage: USAGE, finishReason: STOP, warnings: [] };
  const step = { ...answer, finishReason: { unified: "tool-calls", raw: "" } as const };
  return new MockLanguageModelV4({
    doGenerate: [
      { ...step, content: [asked] },
      { ...answer, content: [text] },
    ],
  });
}

/** A tool that runs a model's code, which calls `look`; and that tool. */
function codeMode() {
  const ran: string[] = [];
  const look = tool({
    inputSchema,
    execute: async () => {
      ran.push("look");
      return "seen";
    },
  });
  const bind = (tools: { readonly look?: typeof look }) =>
    tool({
      inputSchema,
      execute: async (_, options) => {
        ran.push("code");
        return `code: ${await tools.look?.execute?.({}, options)}`;
      },
    });
  const code = experimental_toolCaller(bind({}), { type: "local", bind });
  return { ran, tools: { code, look } };
}

function run(tools: ReturnType<typeof codeMode>["tools"]) {
  return generateText({
    model: calls("code"),
    tools,
    prompt: "go",
    stopWhen: isStepCount(2),
    experimental_toolCallers: { look: ["code"] },
  });
}

test("a tool that calls others counts, and so do those", async () => {
  const { guard, records } = watchedGuard();
  const { tools } = codeMode();
  const twice = guardTools(guardTools(tools, guard), guard, { costs: { code: 0.5 } });
  const { steps } = await run(guardTools(tools, guard, { costs: { code: 0.25 } }));
  expect(steps[0]?.toolResults).toMatchObject([{ output: "code: seen" }]);
  expect(records.map(({ name, costNanoUsd }) => [name, costNanoUsd])).toEqual([
    ["look", 0],
    ["code", 250_000_000],
  ]);
  await run(twice);
  expect(records).toHaveLength(4);
});

test("a tool that calls others is refused where the guard says so", async () => {
  const { guard, refused } = watchedGuard();
  await guard.kill({ tool: "code" }, { reason: "test", by: "test", level: "stop" });
  const { tools, ran } = codeMode();
  const { steps } = await run(guardTools(tools, guard));
  const error = steps[0]?.content.find(({ type }) => type === "tool-error");
  expect(findGuardError(error)?.code).toBe("BR1001");
  expect(refused).toHaveLength(1);
  expect(ran).toEqual([]);
});

test("a copy of a guarded tool still calls others, and counts", async () => {
  const { guard, records } = watchedGuard();
  const { code, look } = guardTools(codeMode().tools, guard);
  const { steps } = await run({ code: { ...code }, look });
  expect(steps[0]?.toolResults).toMatchObject([{ output: "code: seen" }]);
  expect(records.map(({ name }) => name)).toEqual(["look", "code"]);
});
