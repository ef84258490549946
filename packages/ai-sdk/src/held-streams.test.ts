import { type EvaluationInput, type Evaluator, findGuardError } from "@burnrate/core";
import { isStepCount, simulateReadableStream, streamText, tool } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardModel } from "./guard-model.ts";
import type { StreamPart } from "./sdk-types.ts";
import { partStream, streamModel, TEXT_PARTS, watchedGuard } from "./test-fixture.ts";

const FINISH = TEXT_PARTS.at(-1) as StreamPart;

function textOf(output: unknown): string {
  const parts = output as readonly { type: string; text?: string }[];
  return parts.map(({ type, text = "" }) => (type === "text" ? text : "")).join("");
}

/** Refuses answers with the word in them. */
function without(word: string, onStream?: Evaluator["onStream"]): Evaluator {
  const evaluate = ({ output }: EvaluationInput) => ({ passed: !textOf(output).includes(word) });
  const name = "clean";
  return { name, on: "model", required: true, evaluate, ...(onStream && { onStream }) };
}

function answer(words: readonly string[], more: readonly StreamPart[] = []): StreamPart[] {
  return [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    ...words.map((delta): StreamPart => ({ type: "text-delta", id: "1", delta })),
    { type: "text-end", id: "1" },
    ...more,
    FINISH,
  ];
}

/** What a consumer of the model's stream sees. */
async function shown(
  onStream: Evaluator["onStream"] | undefined,
  parts: readonly StreamPart[],
): Promise<{ text: string; types: string[]; code: string | undefined; left: unknown }> {
  const { guard, held } = watchedGuard({ evaluators: [without("bad", onStream)] });
  const stream = streamText({
    model: guardModel(
      streamModel(() => partStream([...parts])),
      guard,
    ),
    prompt: "go",
    onError: () => undefined,
  }).fullStream;
  let text = "";
  let code: string | undefined;
  const types: string[] = [];
  for await (const part of stream) {
    types.push(part.type);
    if (part.type === "text-delta") text += part.text;
    if (part.type === "error") code = findGuardError(part.error)?.code;
  }
  return { text, types, code, left: await held() };
}

describe.each([
  ["judged at its end", undefined],
  ["held back in windows", { window: 4 }],
  ["held back whole", "hold" as const],
])("a stream %s", (_, onStream) => {
  test("that passes is shown whole, and in order", async () => {
    const words = ["it ", "is ", "a ", "good ", "day"];
    const { text, code, types, left } = await shown(onStream, answer(words));
    expect([text, code, left]).toEqual(["it is a good day", undefined, 0]);
    expect(types.slice(-3)).toEqual(["text-end", "finish-step", "finish"]);
  });

  test("that fails ends with the refusal", async () => {
    const { code, types, left } = await shown(onStream, answer(["it ", "is ", "bad", " today"]));
    expect([code, left]).toEqual(["BR6001", 0]);
    expect(types).toContain("error");
  });

  test("that fails runs no tool that it asked for", async () => {
    const call: StreamPart = { type: "tool-call", toolCallId: "c", toolName: "pay", input: "{}" };
    const paid: unknown[] = [];
    const pay = tool({ inputSchema: z.object({}), execute: async () => paid.push(1) });
    for (const [word, times] of [
      ["bad", 0],
      ["good", 1],
    ] as const) {
      const { guard } = watchedGuard({ evaluators: [without("bad", onStream)] });
      const model = guardModel(
        streamModel(() => partStream(answer([word], [call]))),
        guard,
      );
      const stopWhen = isStepCount(1);
      const onError = (): void => undefined;
      await streamText({ model, tools: { pay }, prompt: "go", stopWhen, onError }).consumeStream();
      expect(paid).toHaveLength(times);
    }
  });
});

test("a held stream shows nothing of an answer that fails, nor of one that breaks", async () => {
  expect((await shown("hold", answer(["bad ", "news"]))).text).toBe("");
  const broken: StreamPart = { type: "error", error: new Error("broken") };
  const parts = [...answer(["some ", "text"]).slice(0, -1), broken];
  expect((await shown("hold", parts)).text).toBe("");
});

test("a held stream that an error part breaks still shows its finish part, and nothing else", async () => {
  const { guard } = watchedGuard({ evaluators: [without("bad", "hold")] });
  const broken: StreamPart = { type: "error", error: new Error("broken") };
  const parts = [...answer(["some ", "text"]).slice(0, -1), broken, FINISH];
  const { stream } = await guardModel(
    streamModel(() => partStream(parts)),
    guard,
  ).doStream({ prompt: [] });
  const types: string[] = [];
  for await (const { type } of stream) types.push(type);
  expect(types).toEqual(["error", "finish"]);
});

test("a window shows nothing of a leak that is no longer than it, wherever it stands", async () => {
  for (let at = 0; at <= 24; at++) {
    const letters = `${"a".repeat(at)}bad${"a".repeat(24 - at)}`;
    const { text, code } = await shown({ window: 3 }, answer([...letters]));
    expect(code).toBe("BR6001");
    expect(text).toMatch(/^a*$/);
    expect(text.length).toBeLessThanOrEqual(at);
  }
});

test("a window shows text long before the end", async () => {
  const { guard } = watchedGuard({ evaluators: [without("bad", { window: 10 })] });
  let sent = 0;
  const chunks = answer(Array.from({ length: 200 }, () => "word "));
  const upstream = simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null });
  const counted = upstream.pipeThrough(
    new TransformStream<StreamPart, StreamPart>({
      transform(part, controller) {
        sent++;
        controller.enqueue(part);
      },
    }),
  );
  const model = guardModel(
    streamModel(() => counted),
    guard,
  );
  for await (const text of streamText({ model, prompt: "go" }).textStream) {
    expect(text).toBe("word ");
    break;
  }
  expect(sent).toBeLessThan(20);
});
