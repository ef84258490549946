import { RunnableLambda } from "@langchain/core/runnables";
import { StructuredTool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const messages = [{ role: "user" as const, content: "hi" }];
let runs = 0;

class WebSearch extends StructuredTool {
  override name = "search_web";
  override description = "Searches";
  override schema = z.object({});
  override async _call(): Promise<string> {
    runs += 1;
    return "found";
  }
}

const answer = RunnableLambda.from(async (_: unknown) => {
  runs += 1;
  return "found";
});
const runnable = (): object =>
  answer.asTool({ name: "search_web", description: "Searches", schema: z.object({}) });

type Watched = ReturnType<typeof watchedGuard>;

/** An agent whose model asks for the tool once, of a guard that has killed it or not. */
async function run(
  hooks: readonly string[],
  tool: object,
  kill: boolean,
): Promise<Pick<Watched, "records" | "refused">> {
  const { guard, records, refused } = watchedGuard();
  runs = 0;
  if (kill) await guard.kill({ tool: "search_web" }, { reason: "test", by: "test", level: "stop" });
  fake.next({ kind: "reply", toolCalls: [{ name: "search_web", arguments: {} }] });
  const undo = hooks.includes("everywhere") ? guardEverywhere(guard) : undefined;
  const given = hooks.includes("tool") ? guardTool(tool, guard) : tool;
  const middleware = hooks.includes("middleware") ? [guardMiddleware(guard)] : [];
  const agent = createAgent({ model: chat(fake), tools: [given as WebSearch], middleware });
  const callbacks = hooks.includes("callback") ? [guardCallback(guard)] : [];
  await agent.invoke({ messages }, { callbacks });
  undo?.();
  return { records, refused };
}

describe.each([
  [["callback"]],
  [["everywhere"]],
  [["middleware", "callback"]],
  [["middleware", "everywhere"]],
  [["tool", "callback"]],
])("a tool that is an object of a class, with hooks %j", (hooks) => {
  test("goes by its own name, and is counted once", async () => {
    const { records } = await run(hooks, new WebSearch(), false);
    expect(runs).toBe(1);
    const tools = records.filter(({ kind }) => kind === "tool");
    expect(tools.map(({ name }) => name)).toEqual(["search_web"]);
  });

  test("is stopped by a kill of that name", async () => {
    const { refused } = await run(hooks, new WebSearch(), true);
    expect(runs).toBe(0);
    expect(refused.map(({ code }) => code)).toEqual(["BR1001"]);
  });
});

test("a guarded tool that code calls itself goes by its name under a callback, too", async () => {
  const { guard, records } = watchedGuard();
  const search = guardTool(new WebSearch(), guard);
  await search.invoke({}, { callbacks: [guardCallback(guard)] });
  expect(records.map(({ name }) => name)).toEqual(["search_web"]);
  await guard.kill({ tool: "search_web" }, { reason: "test", by: "test", level: "stop" });
  await thrownBy(() => search.invoke({}, { callbacks: [guardCallback(guard)] }));
  expect(records).toHaveLength(1);
});

test("a tool made of a runnable is guarded by the middleware, also beside a callback", async () => {
  const hooks = ["middleware", "callback"];
  const { records } = await run(hooks, runnable(), false);
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  const { refused } = await run(hooks, runnable(), true);
  expect(runs).toBe(0);
  expect(refused.map(({ code }) => code)).toEqual(["BR1001"]);
});
