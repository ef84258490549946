import { createRequire } from "node:module";
import { findGuardError } from "@burnrate/core";
import { ChatOpenAI as ModuleChatOpenAI } from "@langchain/openai";
import { createAgent as moduleCreateAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { drain, killAll, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const require = createRequire(import.meta.url);
const { ChatOpenAI } = require("@langchain/openai") as typeof import("@langchain/openai");
const { createAgent, tool } = require("langchain") as typeof import("langchain");
const fake = await provider();

const messages = [{ role: "user" as const, content: "hi" }];
const model = () =>
  new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: fake.url },
    maxRetries: 0,
  });

describe("the CommonJS copy of LangChain", () => {
  test("is another copy than the ESM one", () => {
    expect(ChatOpenAI).not.toBe(ModuleChatOpenAI);
    expect(createAgent).not.toBe(moduleCreateAgent);
  });

  test("has its models guarded, in the caller's context", async () => {
    const { guard, records } = watchedGuard();
    const guarded = guardModel(model(), guard);
    await guard.with({ user: "u-1" }, () => guarded.invoke("hi"));
    await guard.with({ user: "u-2" }, async () => drain(await guarded.stream("hi")));
    expect(records.map(({ context }) => context.user)).toEqual(["u-1", "u-2"]);
    expect(guarded).toBeInstanceOf(ChatOpenAI);
    const spent = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
    expect(spent).toBe(fake.billedNanoUsd());
  });

  test.each(["model", "callback", "middleware"])("is refused by a %s", async (hook) => {
    const { guard } = watchedGuard();
    await killAll(guard);
    const agent = createAgent({
      model: hook === "model" ? guardModel(model(), guard) : model(),
      tools: [],
      middleware: hook === "middleware" ? [guardMiddleware(guard)] : [],
    });
    const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
    const error = await thrownBy(() => agent.invoke({ messages }, { callbacks }));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(fake.requestCount()).toBe(0);
  });

  test("takes our messages for tools that failed", async () => {
    const { guard } = watchedGuard();
    const failing = tool(
      () => {
        throw new Error("no");
      },
      { name: "failing", description: "fails", schema: { type: "object", properties: {} } },
    );
    fake.next({ kind: "reply", toolCalls: [{ name: "failing", arguments: {} }] });
    const agent = createAgent({
      model: model(),
      tools: [failing],
      middleware: [guardMiddleware(guard)],
    });
    const done = await agent.invoke({ messages });
    expect(done.messages[2]?.text).toBe("Error: no\n Please fix your mistakes.");
  });
});
