import { RunnableLambda } from "@langchain/core/runnables";
import { FakeLLM } from "@langchain/core/utils/testing";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, initChatModel } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, drain, echo, killAll, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const messages = [{ role: "user" as const, content: "hi" }];
const configurable = () =>
  initChatModel("openai:gpt-5-mini", {
    apiKey: "none",
    configuration: { baseURL: fake.url },
    maxRetries: 0,
  });

describe("a guarded model", () => {
  test("is still what it was, and so is what is made of it", () => {
    const { guard } = watchedGuard();
    const model = guardModel(chat(fake), guard);
    expect(model).toBeInstanceOf(ChatOpenAI);
    expect(model.bindTools([echo])).toBeInstanceOf(ChatOpenAI);
    expect(model.withConfig({ tags: ["x"] })).toBeInstanceOf(ChatOpenAI);
    expect(model.model).toBe("gpt-5-mini");
  });

  test("may be priced as another provider's", async () => {
    const { guard, records } = watchedGuard();
    await guardModel(chat(fake), guard, { provider: "acme" }).invoke("hi");
    expect(records[0]?.provider).toBe("acme");
    const model = chat(fake);
    await guardModel(model, guard).invoke("hi");
    await guardModel(model, guard, { provider: "acme" }).invoke("hi");
    expect(records.slice(1).map(({ provider }) => provider)).toEqual(["openai", "acme"]);
  });

  test("that initChatModel makes is guarded, and counted once in an agent", async () => {
    const { guard, records } = watchedGuard();
    await guardModel(await configurable(), guard).invoke("hi");
    expect(records.map(({ name }) => name)).toEqual(["gpt-5-mini"]);
    const agent = createAgent({
      model: await configurable(),
      tools: [echo],
      middleware: [guardMiddleware(guard)],
    });
    await agent.invoke({ messages });
    expect(records).toHaveLength(2);
    await killAll(guard);
    await thrownBy(async () => guardModel(await configurable(), guard).invoke("hi"));
    expect(fake.requestCount()).toBe(2);
  });

  test("may be a plain language model", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    await guardModel(new FakeLLM({ response: "a" }), guard).invoke("hi");
    expect(records).toHaveLength(1);
    await killAll(guard);
    const model = guardModel(new FakeLLM({ response: "a" }), guard);
    expect(await thrownBy(() => model.invoke("hi"))).toHaveProperty("code", "BR1001");
  });
});

test("a callback leaves tools alone when asked to, and guards plain language models", async () => {
  const { guard, records } = watchedGuard({ budgets: [] });
  const callbacks = [guardCallback(guard, { tools: false })];
  await echo.invoke({ text: "x" }, { callbacks });
  await new FakeLLM({ response: "a" }).invoke("hi", { callbacks });
  expect(records.map(({ kind }) => kind)).toEqual(["model"]);
  await echo.invoke({ text: "x" }, { callbacks: [guardCallback(guard)] });
  expect(records.map(({ kind, name }) => `${kind} ${name}`).at(-1)).toBe("tool echo");
});

test("the tool that a callback sees in a chain is in the chain's task", async () => {
  const { guard, records } = watchedGuard();
  const chain = RunnableLambda.from(async (text: string) => echo.invoke({ text }));
  await chain.invoke("x", { callbacks: [guardCallback(guard)] });
  expect(records[0]?.context.task).toBeDefined();
});

test("evaluators see the tool calls of an answer beside its text, streamed or not", async () => {
  const calls = [
    { name: "look", arguments: { at: "7" } },
    { name: "look", arguments: { at: "8" } },
  ];
  const seen: unknown[] = [];
  const evaluate = ({ output }: { readonly output: unknown }) => {
    seen.push(output);
    return { score: 1 };
  };
  const name = "calls";
  const { guard } = watchedGuard({ evaluators: [{ name, on: "model", mode: "inline", evaluate }] });
  const model = guardModel(chat(fake), guard);
  for (const ask of [() => model.invoke("hi"), async () => drain(await model.stream("hi"))]) {
    fake.next({ kind: "reply", toolCalls: calls });
    await ask();
    fake.next({ kind: "reply", text: "some words" });
    await ask();
  }
  const tools = ["7", "8"].map((at) => ({ type: "tool_call", name: "look", args: { at } }));
  expect(seen.slice(0, 2)).toMatchObject([{ tool_calls: tools }, "some words"]);
  const ids = { tool_calls: tools.map(() => ({ id: expect.any(String) })) };
  expect(seen.slice(2)).toMatchObject([{ tool_calls: tools }, "some words"]);
  expect(seen[2]).toMatchObject(ids);
});
