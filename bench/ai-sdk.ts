import {
  guardEmbeddingMiddleware,
  guardMiddleware,
  guardModel,
  guardTools,
} from "@burnrate/ai-sdk";
import {
  type EmbeddingModelMiddleware,
  embed,
  generateText,
  type LanguageModel,
  type LanguageModelMiddleware,
  streamText,
  wrapEmbeddingModel,
  wrapLanguageModel,
} from "ai";
import { convertArrayToReadableStream, MockEmbeddingModelV4, MockLanguageModelV4 } from "ai/test";
import type { Guard } from "burnrate";
import { newFullGuard, newGuard } from "./guards.ts";
import { type Call, type Contenders, measureBeyondEmpty, type Part } from "./measure.ts";

/** A stream takes ten times as long as a call without one. */
const ROUNDS_OF_FIRST_TEXTS = 20;

/** Long enough that a stream's beginning and end are a small part of it. */
const CHUNKS_A_STREAM = 2_000;

type Stream = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"];
type Chunk = Stream extends ReadableStream<infer Part> ? Part : never;

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 3, text: 3, reasoning: 0 },
};
const finishReason = { unified: "stop", raw: "stop" } as const;

function answer(): Awaited<ReturnType<MockLanguageModelV4["doGenerate"]>> {
  return { content: [{ type: "text", text: "hello" }], finishReason, usage, warnings: [] };
}

function parts(deltas: number): Chunk[] {
  const delta: Chunk = { type: "text-delta", id: "1", delta: "hello" };
  return [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    ...Array.from({ length: deltas }, () => delta),
    { type: "text-end", id: "1" },
    { type: "finish", usage, finishReason },
  ];
}

/** The mock remembers every call that it gets; a bench has too many of them. */
function mockModel(deltas: number): MockLanguageModelV4 {
  const model = new MockLanguageModelV4({ provider: "openai", modelId: "gpt-5" });
  const streamed = parts(deltas);
  model.doGenerate = async () => answer();
  model.doStream = async () => ({ stream: convertArrayToReadableStream(streamed) });
  return model;
}

/** The framework's own hook on a model, as empty as can be: a stream goes on part by part. */
const emptyMiddleware: LanguageModelMiddleware = {
  specificationVersion: "v4",
  wrapGenerate: async ({ doGenerate }) => await doGenerate(),
  async wrapStream({ doStream }) {
    const { stream, ...rest } = await doStream();
    return { ...rest, stream: stream.pipeThrough(new TransformStream<Chunk, Chunk>()) };
  },
};

/** Each contender's model, used in the same way; the empty one is the framework's own wrapper. */
function contenders(
  hook: "guardModel" | "guardMiddleware",
  deltas: number,
  use: (model: LanguageModel) => Call,
  guard: Guard = newGuard(),
): Contenders {
  const bare = mockModel(deltas);
  const wrap = (middleware: LanguageModelMiddleware): LanguageModel =>
    wrapLanguageModel({ model: bare, middleware });
  const guarded = hook === "guardModel" ? guardModel(bare, guard) : wrap(guardMiddleware(guard));
  return {
    bare: use(bare),
    empty: use(wrap(emptyMiddleware)),
    control: use(wrap(emptyMiddleware)),
    guarded: use(guarded),
  };
}

/** One whole run of the framework. */
function generates(model: LanguageModel): Call {
  return () => generateText({ model, prompt: "hi" });
}

/** From the call to the first text; the rest is read when the block is over. */
function readsFirst(model: LanguageModel): Call {
  return async () => {
    const iterator = streamText({ model, prompt: "hi" }).textStream[Symbol.asyncIterator]();
    await iterator.next();
    setImmediate(async () => {
      while ((await iterator.next()).done !== true);
    });
  };
}

/** The next chunk of a long stream, and of another one when that has ended. */
function readsNext(model: LanguageModel): Call {
  const open = () => streamText({ model, prompt: "hi" }).textStream[Symbol.asyncIterator]();
  let iterator = open();
  return async () => {
    if ((await iterator.next()).done === true) iterator = open();
  };
}

/** One value embedded. */
function embeddings(): Contenders {
  const model = new MockEmbeddingModelV4({ provider: "openai", modelId: "text-embedding-3-small" });
  const answer = { embeddings: [[0.1, 0.2]], usage: { tokens: 1 }, warnings: [] };
  model.doEmbed = async () => answer;
  const uses = (used: MockEmbeddingModelV4 | ReturnType<typeof wrapEmbeddingModel>): Call => {
    return () => embed({ model: used, value: "hi" });
  };
  const wrap = (middleware: EmbeddingModelMiddleware) =>
    uses(wrapEmbeddingModel({ model, middleware }));
  const empty = (): EmbeddingModelMiddleware => ({
    specificationVersion: "v4",
    wrapEmbed: async ({ doEmbed }) => await doEmbed(),
  });
  return {
    bare: uses(model),
    empty: wrap(empty()),
    control: wrap(empty()),
    guarded: wrap(guardEmbeddingMiddleware(newGuard())),
  };
}

/** A tool's `execute`, as the framework calls it. */
function tools(): Contenders {
  type Execute = (input: object, options: object) => Promise<string>;
  const execute: Execute = async () => "pong";
  const uses = (used: { readonly execute: Execute }): Call => {
    return () => used.execute({}, { toolCallId: "1", messages: [] });
  };
  const empty = (): Call =>
    uses({ execute: async (input, options) => await execute(input, options) });
  const { ping } = guardTools({ ping: { execute } }, newGuard(), { costs: { ping: 0.000_1 } });
  return { bare: uses({ execute }), empty: empty(), control: empty(), guarded: uses(ping) };
}

/** Each interleaved with an empty hook of the same kind, and with that hook again as a control. */
export const aiSdkParts: readonly Part[] = [
  () => measureBeyondEmpty("guardModel", "generateText", contenders("guardModel", 1, generates)),
  () =>
    newGuard().task({ name: "application" }, () =>
      measureBeyondEmpty(
        "guardModel",
        "generateText in a task of the application",
        contenders("guardModel", 1, generates),
      ),
    ),
  () =>
    measureBeyondEmpty(
      "guardModel, 5 limits and breaker,",
      "generateText",
      contenders("guardModel", 1, generates, newFullGuard()),
    ),
  () => measureBeyondEmpty("guardEmbeddingMiddleware", "embed", embeddings()),
  () => measureBeyondEmpty("guardTools", "a tool's execute", tools()),
  () =>
    measureBeyondEmpty(
      "guardMiddleware",
      "generateText",
      contenders("guardMiddleware", 1, generates),
    ),
  () =>
    measureBeyondEmpty(
      "guardModel",
      "streamText to the first text",
      contenders("guardModel", 1, readsFirst),
      { target: "≈ control", rounds: ROUNDS_OF_FIRST_TEXTS },
    ),
  async () => {
    const rows = await measureBeyondEmpty(
      "guardModel",
      `streamText, a chunk of ${CHUNKS_A_STREAM}`,
      contenders("guardModel", CHUNKS_A_STREAM, readsNext),
      { target: "≤ 0.3", of: "mean" },
    );
    return rows.map((measured) => ({ ...measured, unit: "us/chunk" }));
  },
];
