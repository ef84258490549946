import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { StreamedUsage } from "./streamed-usage.ts";
import { money, quiet, watchedGuard } from "./test-fixture.ts";

quiet();

type Piece = readonly [text: string, input?: number, output?: number];
/** As Anthropic's streams: the input and a first token, the text, and in the end the output. */
const PIECES: readonly Piece[] = [["", 100, 1], ["one "], ["two "], ["three"], ["", 0, 600]];

/** A model whose stream says what the pieces say. */
class PiecewiseModel extends BaseChatModel {
  model = "gpt-5-mini";
  maxTokens = 1_000;
  readonly pieces: readonly Piece[];
  constructor(pieces: readonly Piece[]) {
    super({});
    this.pieces = pieces;
  }
  _llmType(): string {
    return "piecewise";
  }
  override getLsParams(): { ls_provider: string; ls_model_name: string; ls_model_type: "chat" } {
    return { ls_provider: "openai", ls_model_name: this.model, ls_model_type: "chat" };
  }
  override invocationParams(): object {
    return { model: this.model, max_tokens: this.maxTokens };
  }
  async _generate(): Promise<never> {
    throw new Error("only streams");
  }
  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    for (const [content, input_tokens, output_tokens = 0] of this.pieces) {
      const message = new AIMessageChunk(content);
      const total_tokens = (input_tokens ?? 0) + output_tokens;
      const usage_metadata = { input_tokens, output_tokens, total_tokens };
      if (input_tokens !== undefined) Object.assign(message, { usage_metadata });
      yield new ChatGenerationChunk({ text: content, message });
    }
  }
}

/** Reads so many pieces of the stream, and returns the call's record. */
async function streamed(pieces: readonly Piece[], count = Number.POSITIVE_INFINITY) {
  const { guard, records } = watchedGuard();
  const model = guardModel(new PiecewiseModel(pieces), guard, { provider: "openai" });
  let read = 0;
  for await (const _ of await model.stream("hi")) if (++read === count) break;
  await expect.poll(() => records.length).toBe(1);
  expect((await money(guard)).held).toBe(0);
  return records[0];
}

describe("a stream whose first part says what was used so far", () => {
  test("costs what its last part says", async () => {
    const record = await streamed(PIECES);
    expect(record).toMatchObject({ usageSource: "provider", outcome: "success" });
    expect(record?.usage).toMatchObject({ inputTokens: 100, outputTokens: 601 });
  });

  test.each([1, 2])("is charged in full when its consumer leaves after part %i", async (n) => {
    const record = await streamed(PIECES, n);
    expect(record).toMatchObject({ usageSource: "estimated", outcome: "abandoned" });
    expect(record?.costNanoUsd).toBe(record?.reservedNanoUsd);
  });

  test("costs what was used when its consumer leaves with the last part at hand", async () => {
    expect(await streamed(PIECES, PIECES.length)).toMatchObject({ usageSource: "provider" });
  });

  test("is charged in full when the last part never comes", async () => {
    const record = await streamed(PIECES.slice(0, -1));
    expect(record).toMatchObject({ usageSource: "estimated", outcome: "success" });
  });
});

test("a stream that repeats its sum with each piece is charged in full when it is left", async () => {
  const pieces: Piece[] = [
    ["one ", 100, 5],
    ["two ", 0, 5],
    ["three", 0, 5],
  ];
  expect(await streamed(pieces, 2)).toMatchObject({ usageSource: "estimated" });
  expect(await streamed(pieces)).toMatchObject({ usage: { inputTokens: 100, outputTokens: 15 } });
});

test("text for which a provider counts no output is charged in full, by every hook", async () => {
  const pieces: Piece[] = [["one two three"], ["", 100, 0]];
  expect(await streamed(pieces)).toMatchObject({ usageSource: "estimated" });
  const { guard, records } = watchedGuard();
  const callbacks = [guardCallback(guard)];
  for await (const _ of await new PiecewiseModel(pieces).stream("hi", { callbacks }));
  expect(records).toMatchObject([{ usageSource: "estimated", outcome: "success" }]);
});

test("an empty block of text behind the usage is nothing that was written", async () => {
  const { guard, records } = watchedGuard();
  const blocks = (text: string) => [{ type: "text", text }];
  class BlocksModel extends PiecewiseModel {
    override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
      const usage_metadata = { input_tokens: 100, output_tokens: 3, total_tokens: 103 };
      yield chunkOf(new AIMessageChunk({ content: blocks("one two") }));
      yield chunkOf(Object.assign(new AIMessageChunk({ content: [] }), { usage_metadata }));
      yield chunkOf(new AIMessageChunk({ content: blocks("") }));
    }
  }
  const model = guardModel(new BlocksModel([]), guard, { provider: "openai" });
  for await (const _ of await model.stream("hi"));
  expect(records).toMatchObject([{ usageSource: "provider", usage: { outputTokens: 3 } }]);
});

function chunkOf(message: AIMessageChunk): ChatGenerationChunk {
  return new ChatGenerationChunk({ text: "", message });
}

test("an answer of nothing may have no output", () => {
  const usage = new StreamedUsage();
  const usage_metadata = { input_tokens: 100, output_tokens: 0, total_tokens: 100 };
  usage.see({}, { usage_metadata }, false);
  expect(usage.ended()).toEqual({ inputTokens: 100, outputTokens: 0 });
});
