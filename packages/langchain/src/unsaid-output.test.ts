import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { quiet, watchedGuard } from "./test-fixture.ts";
import { hasBlocks } from "./written.ts";

quiet();

type Fields = ConstructorParameters<typeof AIMessage>[0];
const USAGE = { input_tokens: 100, output_tokens: 0, total_tokens: 100 };

/** A model whose generation has no text of its own beside the message, as with blocks. */
class AnsweringModel extends BaseChatModel {
  model = "gpt-5-mini";
  maxTokens = 1_000;
  readonly fields: object;
  constructor(fields: object) {
    super({});
    this.fields = fields;
  }
  _llmType(): string {
    return "answering";
  }
  override getLsParams(): { ls_provider: string; ls_model_name: string; ls_model_type: "chat" } {
    return { ls_provider: "openai", ls_model_name: this.model, ls_model_type: "chat" };
  }
  override invocationParams(): object {
    return { model: this.model, max_tokens: this.maxTokens };
  }
  async _generate(): Promise<ChatResult> {
    const message = new AIMessage({ ...this.fields, usage_metadata: USAGE } as Fields);
    return { generations: [{ text: "", message }] };
  }
}

async function sourcesOf(fields: object) {
  const { guard, records } = watchedGuard();
  await guardModel(new AnsweringModel(fields), guard, { provider: "openai" }).invoke("hi");
  await new AnsweringModel(fields).invoke("hi", { callbacks: [guardCallback(guard)] });
  return records.map(({ usageSource }) => usageSource);
}

const broken = { name: "echo", args: "{", id: "1", error: "", type: "invalid_tool_call" };

test.each([
  ["blocks of text", { content: [{ type: "text", text: "one two" }] }],
  ["blocks of reasoning", { content: [{ type: "thinking", thinking: "one two" }] }],
  ["reasoning beside it", { content: "", additional_kwargs: { reasoning_content: "one" } }],
  ["a tool call that is no JSON", { content: "", invalid_tool_calls: [broken] }],
])("%s with no output reported is charged in full", async (_, fields) => {
  expect(await sourcesOf(fields)).toEqual(["estimated", "estimated"]);
});

test.each([
  ["nothing", { content: "" }],
  ["no blocks", { content: [] }],
  ["an empty block of text", { content: [{ type: "text", text: "" }] }],
  ["an empty block of reasoning", { content: [{ type: "thinking", thinking: "" }] }],
  ["empty reasoning beside it", { content: "", additional_kwargs: { reasoning_content: "" } }],
])("an answer of %s costs what is reported", async (_, fields) => {
  expect(await sourcesOf(fields)).toEqual(["provider", "provider"]);
});

test("a stream's empty block of reasoning is nothing that was written", () => {
  expect(hasBlocks({ content: [{ type: "thinking", thinking: "" }] })).toBe(false);
  expect(hasBlocks({ content: [{ type: "thinking", thinking: "one" }] })).toBe(true);
});
