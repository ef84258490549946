import { generateText, streamText } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import { guardTelemetry } from "./guard-telemetry.ts";
import type { StreamPart } from "./sdk-types.ts";
import { partStream, STOP, TEXT_PARTS, USAGE, watchedGuard } from "./test-fixture.ts";

/** As the SDK converts a report that says what the input was and leaves the output out. */
const LEFT_OUT = { ...USAGE, outputTokens: { total: 0, text: 0, reasoning: 0 } };
const FINISH = { type: "finish", finishReason: STOP, usage: LEFT_OUT } as unknown as StreamPart;
const CALL = { type: "tool-call", toolCallId: "1", toolName: "search", input: "{}" } as const;
const answer = (content: object[]) =>
  ({ content, usage: LEFT_OUT, finishReason: STOP, warnings: [] }) as never;

type Answered = readonly [content: object[], parts: readonly StreamPart[]];
const WRITTEN: readonly (readonly [string, ...Answered])[] = [
  ["text", [{ type: "text", text: "hello" }], [...TEXT_PARTS.slice(0, -1), FINISH]],
  ["a tool call", [CALL], [CALL as unknown as StreamPart, FINISH]],
];

async function answered([content, parts]: Answered) {
  const { guard, records } = watchedGuard();
  const doStream = async () => ({ stream: partStream(parts) });
  const mock = { modelId: "gpt-5-mini", doGenerate: answer(content), doStream };
  const model = guardModel(new MockLanguageModelV4(mock), guard);
  await generateText({ model, prompt: "hi" });
  await streamText({ model, prompt: "hi" }).consumeStream();
  expect(records).toHaveLength(2);
  return records;
}

describe("an answer for which a provider reports no output", () => {
  test.each(WRITTEN)("costs its full reservation when it has %s", async (_, ...given) => {
    for (const record of await answered(given)) {
      expect(record).toMatchObject({ outcome: "success", usageSource: "estimated" });
      expect(record.reservedNanoUsd).toBeGreaterThan(0);
      expect(record.costNanoUsd).toBe(record.reservedNanoUsd);
    }
  });

  test("costs what is reported when it has nothing in it", async () => {
    for (const record of await answered([[{ type: "text", text: "" }], [FINISH]])) {
      expect(record).toMatchObject({ usageSource: "provider", usage: { outputTokens: 0 } });
    }
  });

  test("costs its full reservation with telemetry alone, too", async () => {
    const { guard, records } = watchedGuard();
    const model = new MockLanguageModelV4({
      doGenerate: answer([{ type: "text", text: "hello" }]),
    });
    const integrations = [guardTelemetry(guard)];
    await generateText({ model, prompt: "hi", telemetry: { integrations } });
    expect(records).toMatchObject([{ usageSource: "estimated" }]);
  });
});
