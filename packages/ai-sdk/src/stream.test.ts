import { findGuardError } from "@burnrate/core";
import { streamText } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import type { StreamPart } from "./sdk-types.ts";
import {
  killAll,
  partStream,
  STOP,
  streamModel,
  TEXT_PARTS,
  thrownBy,
  USAGE,
  watchedGuard,
} from "./test-fixture.ts";

const PROMPT = {
  prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "hi" }] }],
};
const FINISH = TEXT_PARTS.at(-1) as StreamPart;

async function partsOf(stream: ReadableStream<StreamPart>): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

test("parts come through unchanged, and the call is settled when the finish part does", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(
    streamModel(() => partStream(TEXT_PARTS)),
    guard,
  );
  const { stream } = await model.doStream(PROMPT);
  expect(await partsOf(stream)).toEqual(TEXT_PARTS);
  expect(records).toMatchObject([{ outcome: "success", usageSource: "provider" }]);
});

test("nothing is pulled before the consumer asks, and one part at a time", async () => {
  const { guard } = watchedGuard();
  let pulls = 0;
  const upstream = new ReadableStream<StreamPart>(
    {
      pull(controller) {
        pulls += 1;
        controller.enqueue({ type: "text-delta", id: "1", delta: "a" });
      },
    },
    { highWaterMark: 0 },
  );
  const { stream } = await guardModel(
    streamModel(() => upstream),
    guard,
  ).doStream(PROMPT);
  await Promise.resolve();
  expect(pulls).toBe(0);
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  expect(pulls).toBe(2);
  await reader.cancel();
});

test("an image that a stream brings is charged as in a whole answer, where usage does not tell", async () => {
  const { guard, records } = watchedGuard();
  const image: StreamPart = {
    type: "file",
    mediaType: "image/png",
    data: { type: "data", data: "iVBO" },
  };
  const [start, ...rest] = TEXT_PARTS as [StreamPart, ...StreamPart[]];
  const model = streamModel(() => partStream([start, image, ...rest]));
  const { stream } = await guardModel(model, guard).doStream(PROMPT);
  await partsOf(stream);
  const { outputTokens } = records[0]?.usage ?? {};
  expect(outputTokens).toBeGreaterThan(0);
  expect(records).toMatchObject([{ usage: { imageOutputTokens: outputTokens } }]);
});

test("a finish part without usage is charged in full", async () => {
  const { guard, records } = watchedGuard();
  const unknown = {
    total: undefined,
    noCache: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
  };
  const finish: StreamPart = {
    type: "finish",
    finishReason: STOP,
    usage: {
      inputTokens: unknown,
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    },
  };
  const { stream } = await guardModel(
    streamModel(() => partStream([finish])),
    guard,
  ).doStream(PROMPT);
  await partsOf(stream);
  expect(records).toMatchObject([{ usageSource: "estimated" }]);
});

test("an error part settles, and later parts still come through", async () => {
  const { guard, records, held } = watchedGuard();
  const parts = [{ type: "error", error: new Error("overloaded") }, FINISH];
  const { stream } = await guardModel(
    streamModel(() => partStream(parts)),
    guard,
  ).doStream(PROMPT);
  expect(await partsOf(stream)).toEqual(parts);
  expect(records).toHaveLength(1);
  expect(records[0]?.outcome).not.toBe("success");
  expect(await held()).toBe(0);
});

test("a finish part after an error part says what the failed call cost", async () => {
  const { guard, records, held, tasks } = watchedGuard();
  const broken = { type: "error", error: new Error("a chunk that cannot be read") };
  const parts = [...TEXT_PARTS.slice(0, 3), broken, ...TEXT_PARTS.slice(3)];
  const { stream } = await guardModel(
    streamModel(() => partStream(parts)),
    guard,
  ).doStream(PROMPT);
  expect(await partsOf(stream)).toEqual(parts);
  const usage = { inputTokens: 10, outputTokens: 5 };
  expect(records).toMatchObject([{ outcome: "failed", usageSource: "provider", usage }]);
  expect(await held()).toBe(0);
  expect(tasks).toEqual(["bad"]);
});

test("a stream that nobody reads after its error part is a failed call", async () => {
  const { guard, records, held } = watchedGuard();
  const broken = { type: "error", error: new Error("overloaded") };
  const { stream } = await guardModel(
    streamModel(() => partStream([broken, FINISH])),
    guard,
  ).doStream(PROMPT);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  expect(records).toMatchObject([{ outcome: "failed", usageSource: "estimated" }]);
  expect(await held()).toBe(0);
});

test("a stream that throws throws the same error, and is settled", async () => {
  const { guard, records, held } = watchedGuard();
  const boom = new Error("boom");
  const upstream = new ReadableStream<StreamPart>({
    start: (controller) => controller.error(boom),
  });
  const { stream } = await guardModel(
    streamModel(() => upstream),
    guard,
  ).doStream(PROMPT);
  expect(await thrownBy(() => partsOf(stream))).toBe(boom);
  expect(records).toHaveLength(1);
  expect(await held()).toBe(0);
});

test("a stream without a finish part ends as it did, and is no success", async () => {
  const { guard, records } = watchedGuard();
  const parts = TEXT_PARTS.slice(0, 3);
  const { stream } = await guardModel(
    streamModel(() => partStream(parts)),
    guard,
  ).doStream(PROMPT);
  expect(await partsOf(stream)).toEqual(parts);
  expect(records).toMatchObject([{ outcome: "failed", usageSource: "estimated" }]);
});

test("cancelling reaches the model's own stream and settles the call as abandoned", async () => {
  const { guard, records } = watchedGuard();
  let reason: unknown;
  const upstream = new ReadableStream<StreamPart>({
    start: (controller) => controller.enqueue(TEXT_PARTS[0] as StreamPart),
    cancel(given) {
      reason = given;
    },
  });
  const { stream } = await guardModel(
    streamModel(() => upstream),
    guard,
  ).doStream(PROMPT);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel("bye");
  expect(reason).toBe("bye");
  expect(records).toMatchObject([{ outcome: "abandoned" }]);
});

test("a kill ends a stream whose model ignores every signal", async () => {
  const { guard, records } = watchedGuard();
  let cancelled: unknown;
  const upstream = new ReadableStream<StreamPart>({
    start: (controller) => controller.enqueue(TEXT_PARTS[0] as StreamPart),
    cancel(reason) {
      cancelled = reason;
    },
  });
  const model = guardModel(
    streamModel(() => upstream),
    guard,
  );
  const { stream } = await model.doStream(PROMPT);
  const reader = stream.getReader();
  await reader.read();
  const next = reader.read();
  await killAll(guard, "abort");
  const { value } = await next;
  expect(value).toMatchObject({ type: "error", error: { code: "BR1001" } });
  expect((await reader.read()).done).toBe(true);
  expect(findGuardError(cancelled)?.code).toBe("BR1001");
  expect(records).toMatchObject([{ outcome: "killed" }]);
  expect(await thrownBy(() => model.doStream(PROMPT))).toMatchObject({ code: "BR1001" });
});

test("a doStream that rejects is settled, and its error stays what it was", async () => {
  const { guard, records, held } = watchedGuard();
  const boom = new Error("boom");
  const inner = new MockLanguageModelV4({
    modelId: "gpt-5-mini",
    doStream: () => Promise.reject(boom),
  });
  expect(await thrownBy(() => guardModel(inner, guard).doStream(PROMPT))).toBe(boom);
  expect(records).toHaveLength(1);
  expect(await held()).toBe(0);
});

test("evaluators see the text and the tool calls of a stream", async () => {
  const outputs: unknown[] = [];
  const { guard } = watchedGuard({
    evaluators: [
      {
        name: "look",
        on: "model",
        evaluate({ output }) {
          outputs.push(output);
          return { passed: true };
        },
      },
    ],
  });
  const call: StreamPart = { type: "tool-call", toolCallId: "c1", toolName: "t", input: "{}" };
  const parts = [...TEXT_PARTS.slice(0, -1), call, FINISH];
  const { stream } = await guardModel(
    streamModel(() => partStream(parts)),
    guard,
  ).doStream(PROMPT);
  await partsOf(stream);
  expect(outputs).toEqual([[{ type: "text", text: "hello you" }, call]]);
});

test("streamText ends with the kill in its error part", async () => {
  const { guard } = watchedGuard();
  const upstream = new ReadableStream<StreamPart>({
    start(controller) {
      for (const part of TEXT_PARTS.slice(0, 3)) controller.enqueue(part);
    },
  });
  const result = streamText({
    model: guardModel(
      streamModel(() => upstream),
      guard,
    ),
    prompt: "hi",
    onError: () => undefined,
  });
  const errors: unknown[] = [];
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") await killAll(guard, "abort");
    if (part.type === "error") errors.push(part.error);
  }
  expect(errors.map((error) => findGuardError(error)?.code)).toEqual(["BR1001"]);
});

test("usage of the finish part is what is charged", async () => {
  const { guard, records } = watchedGuard();
  await streamText({
    model: guardModel(
      streamModel(() => partStream(TEXT_PARTS)),
      guard,
    ),
    prompt: "hi",
  }).consumeStream();
  expect(records[0]?.usage).toMatchObject({
    inputTokens: USAGE.inputTokens.total,
    outputTokens: USAGE.outputTokens.total,
  });
});

test("a stream that is reserved in steps is cut where its money ends", async () => {
  const { guard, records } = watchedGuard({
    budgets: ["1000 tokens/day"],
    reservation: { mode: "incremental", stepTokens: 100 },
  });
  const delta: StreamPart = { type: "text-delta", id: "1", delta: "word " };
  const endless = Array.from({ length: 2_000 }, () => delta);
  const { stream } = await guardModel(
    streamModel(() => partStream([...endless, FINISH])),
    guard,
  ).doStream(PROMPT);
  const parts = await partsOf(stream);
  const last = parts.at(-1) as { type: string; error?: unknown };
  expect(last.type).toBe("error");
  expect(findGuardError(last.error)).toMatchObject({ code: "BR2001" });
  expect(parts.length).toBeLessThan(1_000);
  expect(records).toMatchObject([{ outcome: "refused", refusalCode: "BR2001" }]);
  const [budget] = await guard.budgets();
  expect(budget).toMatchObject({ held: 0, state: expect.not.stringContaining("over") });
});
