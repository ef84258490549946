import { AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { quiet, watchedGuard } from "./test-fixture.ts";

quiet();

/** xAI counts thoughts in the total alone. */
const OWN = { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_200 };
const TOLD = { input_tokens: 1_000, output_tokens: 50, total_tokens: 1_200 };

/** As `ChatXAI` streams what was used: with the end of the text, and then as LangChain has it. */
class TwiceTold extends FakeListChatModel {
  model = "gpt-5-mini";
  override getLsParams(): { ls_provider: string; ls_model_name: string; ls_model_type: "chat" } {
    return { ls_provider: "openai", ls_model_name: this.model, ls_model_type: "chat" };
  }
  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    for (const usage_metadata of [OWN, TOLD]) {
      const text = usage_metadata === OWN ? "hi" : "";
      const message = new AIMessageChunk({ content: text, response_metadata: { usage: OWN } });
      Object.assign(message, { usage_metadata });
      yield new ChatGenerationChunk({ text, message });
    }
  }
}

test.each(["guardModel", "guardCallback"])(
  "%s: usage that a stream tells twice is charged once",
  async (hook) => {
    const { guard, records } = watchedGuard();
    const bare = new TwiceTold({ responses: [] });
    const model = hook === "guardModel" ? guardModel(bare, guard) : bare;
    const callbacks = hook === "guardModel" ? [] : [guardCallback(guard)];
    for await (const _ of await model.stream("hello", { callbacks }));
    expect(records).toMatchObject([{ usage: { inputTokens: 1_000, outputTokens: 200 } }]);
  },
);
