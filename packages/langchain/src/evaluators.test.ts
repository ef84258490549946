import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { createAgent, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, drain, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

/** Answers twice at once, the second time with a tool call. */
class TwoChoices extends BaseChatModel {
  _llmType(): string {
    return "two-choices";
  }

  async _generate(): Promise<ChatResult> {
    const call = { name: "echo", args: { text: "x" }, id: "call_0", type: "tool_call" as const };
    const messages = [new AIMessage("one"), new AIMessage({ content: "two", tool_calls: [call] })];
    return { generations: messages.map((message) => ({ text: message.text, message })) };
  }
}

const look = (seen: unknown[], on: "model" | "task" | "tool") => ({
  name: "look",
  on,
  required: true,
  evaluate(given: { readonly input: unknown; readonly output: unknown }) {
    seen.push(on === "model" ? given : given.output);
    return { passed: given.output !== undefined };
  },
});

test.each(["callback", "model"] as const)(
  "of several choices evaluators see all (%s)",
  async (hook) => {
    const seen: unknown[] = [];
    const { guard } = watchedGuard({ evaluators: [look(seen, "model")], budgets: [] });
    const model = hook === "model" ? guardModel(new TwoChoices({}), guard) : new TwoChoices({});
    const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
    await model.invoke("hi", { callbacks });
    const output = {
      content: [
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ],
      tool_calls: [{ name: "echo", args: { text: "x" } }],
    };
    expect(seen).toMatchObject([{ output }]);
  },
);

test.each(["callback", "model"] as const)(
  "evaluators see that a tool call was forced (%s)",
  async (hook) => {
    const seen: unknown[] = [];
    const { guard } = watchedGuard({ evaluators: [look(seen, "model")] });
    const own = hook === "model" ? guardModel(chat(fake), guard) : chat(fake);
    const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
    await own.bindTools([echo], { tool_choice: "any" }).invoke("hi", { callbacks });
    expect(seen).toMatchObject([{ input: { toolChoice: expect.anything() } }]);
  },
);

/** Says what it asks for as other providers' models do. */
class Asking extends TwoChoices {
  readonly params: object;

  constructor(params: object) {
    super({});
    this.params = params;
  }

  override invocationParams(): object {
    return this.params;
  }
}

const spec = { toolSpec: { name: "echo", inputSchema: { json: { type: "object" } } } };
const declared = { functionDeclarations: [{ name: "echo" }] };

test.each([
  ["Bedrock", { toolConfig: { tools: [spec], toolChoice: { auto: {} } } }, { tools: [spec] }],
  [
    "Bedrock, forced",
    { toolConfig: { tools: [spec], toolChoice: { any: {} } } },
    { tools: [spec], toolChoice: "required" },
  ],
  [
    "Gemini",
    { tools: [declared], toolConfig: { functionCallingConfig: { mode: "AUTO" } } },
    { tools: [declared] },
  ],
  [
    "Gemini, forced",
    { tools: [declared], toolConfig: { functionCallingConfig: { mode: "ANY" } } },
    { tools: [declared], toolChoice: "required" },
  ],
])(
  "evaluators see the tools of a call as its provider takes them (%s)",
  async (_, params, wanted) => {
    const seen: unknown[] = [];
    const { guard } = watchedGuard({ evaluators: [look(seen, "model")], budgets: [] });
    await new Asking(params).invoke("hi", { callbacks: [guardCallback(guard)] });
    const [{ input }] = seen as [{ input: { messages: unknown } }];
    expect(input).toEqual({ ...wanted, messages: input.messages });
  },
);

test("evaluators of tasks see what an agent says in the end, and may refuse it", async () => {
  const seen: unknown[] = [];
  const { guard, tasks } = watchedGuard({ evaluators: [look(seen, "task")] });
  const middleware = [guardMiddleware(guard)];
  const agent = createAgent({ model: chat(fake), tools: [echo], middleware });
  fake.next({ kind: "reply", text: "the answer" });
  await agent.invoke({ messages: [{ role: "user", content: "hi" }] });
  expect(seen).toEqual(["the answer"]);
  const no = {
    name: "no",
    on: "task",
    required: true,
    evaluate: () => ({ passed: false }),
  } as const;
  const refusing = watchedGuard({ evaluators: [no] });
  const own = [guardMiddleware(refusing.guard)];
  const refused = createAgent({ model: chat(fake), tools: [], middleware: own });
  const error = await thrownBy(() =>
    refused.invoke({ messages: [{ role: "user", content: "hi" }] }),
  );
  expect(error).toMatchObject({ code: "BR6001" });
  expect([tasks, refusing.tasks]).toEqual([["good"], ["bad"]]);
});

test.each(["callback", "tool"] as const)(
  "evaluators see all of a tool's own data, whatever its fields are called (%s)",
  async (hook) => {
    const seen: unknown[] = [];
    const { guard } = watchedGuard({ evaluators: [look(seen, "tool")] });
    const row = { content: "A note.", author: "anna@private.example" };
    const about = { name: "row", description: "Finds a row", schema: z.object({}) };
    const find = tool(async () => row, about);
    if (hook === "tool") await guardTool(find, guard).invoke({});
    else await find.invoke({}, { callbacks: [guardCallback(guard)] });
    expect(seen).toEqual([row]);
  },
);

/** Asks for a tool with arguments that are no JSON, as models do that were cut off. */
class Broken extends BaseChatModel {
  _llmType(): string {
    return "broken";
  }

  async _generate(): Promise<ChatResult> {
    const call = {
      name: "echo",
      args: '{"text":',
      id: "call_0",
      type: "invalid_tool_call" as const,
    };
    const message = new AIMessage({ content: "Let me see.", invalid_tool_calls: [call] });
    return { generations: [{ text: "Let me see.", message }] };
  }
}

test.each(["callback", "model"] as const)(
  "evaluators see calls whose arguments are no JSON, as in a stream (%s)",
  async (hook) => {
    const seen: unknown[] = [];
    const { guard } = watchedGuard({ evaluators: [look(seen, "model")], budgets: [] });
    const model = hook === "model" ? guardModel(new Broken({}), guard) : new Broken({});
    await model.invoke("hi", { callbacks: hook === "callback" ? [guardCallback(guard)] : [] });
    const output = { content: "Let me see.", tool_calls: [{ name: "echo", args: '{"text":' }] };
    expect(seen).toMatchObject([{ output }]);
  },
);

test.each(["callback", "model"] as const)(
  "an evaluator of tasks judges what a stream said as it does an answer (%s)",
  async (hook) => {
    const seen: unknown[] = [];
    const { guard, tasks } = watchedGuard({ evaluators: [look(seen, "task")] });
    const bare = chat(fake);
    const model = hook === "model" ? guardModel(bare, guard) : bare;
    const options = { callbacks: hook === "callback" ? [guardCallback(guard)] : [] };
    await model.invoke("hi", options);
    expect(await drain(await model.stream("hi", options))).toBeGreaterThan(0);
    expect(seen).toEqual(["You said: hi", "You said: hi"]);
    expect(tasks).toEqual(["good", "good"]);
  },
);

test("an agent goes on whose evaluator was refused a model and does without", async () => {
  const ask = (): Promise<unknown> => guardModel(new TwoChoices({}), guard).invoke("?");
  const careful = {
    name: "careful",
    on: "model",
    required: true,
    evaluate: async () => ({ passed: await ask().then(Boolean, () => true) }),
  } as const;
  const { guard, records, refused } = watchedGuard({ evaluators: [careful], budgets: [] });
  await guard.kill({ model: "TwoChoices" }, { reason: "test", by: "test" });
  const agent = createAgent({ model: chat(fake), tools: [], middleware: [guardMiddleware(guard)] });
  fake.next({ kind: "reply", text: "the answer" });
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: "hi" }] });
  expect(messages.at(-1)?.text).toBe("the answer");
  expect([records.length, refused.length]).toEqual([1, 1]);
});
