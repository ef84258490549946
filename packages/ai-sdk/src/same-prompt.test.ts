import { startFakeProvider } from "@burnrate/core/testing";
import { type ModelMessage, streamText, wrapLanguageModel } from "ai";
import { createOpenAICompatible as createOfSpecification2 } from "openai-compatible-1";
import { createOpenAICompatible as createOfSpecification3 } from "openai-compatible-2";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { isRewritten } from "./same-prompt.ts";
import { watchedGuard } from "./test-fixture.ts";

const fake = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const question: ModelMessage = { role: "user", content: "What is on it?" };
const picture: ModelMessage = {
  role: "user",
  content: [
    { type: "text", text: "What is on it?" },
    { type: "file", data: new Uint8Array([1, 2]), mediaType: "image/png" },
  ],
};
const looked: ModelMessage[] = [
  {
    role: "assistant",
    content: [{ type: "tool-call", toolCallId: "1", toolName: "look", input: {} }],
  },
  {
    role: "tool",
    content: [
      {
        type: "tool-result",
        toolCallId: "1",
        toolName: "look",
        output: { type: "content", value: [{ type: "text", text: "a cat" }] },
      },
    ],
  },
];

describe.each([
  ["2", createOfSpecification2],
  ["3", createOfSpecification3],
])("a guarded model of specification %s, which a newer SDK rewrites prompts for", (_, create) => {
  test.each([
    ["text", [question]],
    ["a file", [picture]],
    ["the result of a tool", [question, ...looked]],
  ])("counts once inside of a guard's middleware: %s", async (_name, messages) => {
    const { guard, records } = watchedGuard();
    const settings = { name: "openai", baseURL: fake.url, apiKey: "none", includeUsage: true };
    const inner = guardModel(create(settings)("gpt-5-mini"), guard);
    const model = wrapLanguageModel({ model: inner, middleware: guardMiddleware(guard) as never });
    await streamText({ model, messages }).consumeStream();
    expect(records).toHaveLength(1);
    expect((await guard.budgets())[0]?.settled).toBe(fake.billedNanoUsd());
  });
});

describe("another question of a middleware's", () => {
  const text = { type: "text", text: "one" };
  const file = { type: "file", mediaType: "image/png", data: "a" };
  const prompt = [{ role: "user", content: [text, file] }];
  test.each([
    ["other words", [{ role: "user", content: [{ ...text }, file] }]],
    ["another role", [{ role: "assistant", content: [text, file] }]],
    ["another kind of file", [{ role: "user", content: [text, { ...file, mediaType: "a/b" }] }]],
    ["one part fewer", [{ role: "user", content: [text] }]],
    ["one message more", [...prompt, { role: "user", content: [text] }]],
    ["no messages", "one"],
  ])("is not taken for the request: %s", (_, other) => {
    expect(isRewritten(prompt, other)).toBe(false);
  });
});
