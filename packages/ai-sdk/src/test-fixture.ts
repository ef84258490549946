import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  type CallRecord,
  createGuard,
  type Guard,
  type GuardError,
  type PriceBook,
  type RateCard,
} from "@burnrate/core";
import type { FakeProvider } from "@burnrate/core/testing";
import type { LanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import type { ModelObject, StreamPart } from "./sdk-types.ts";

/** Any language model object. */
export type LanguageModelObject = Exclude<LanguageModel, string>;

/** The fake provider's rates of `gpt-5-mini`, in nano-dollars a token. */
const RATES = { input: 250, cached: 25, output: 2_000 };

const card: RateCard = {
  provider: "openai",
  model: "gpt-5-mini",
  cost: ({ inputTokens, outputTokens, cacheReadTokens = 0 }) =>
    (inputTokens - cacheReadTokens) * RATES.input +
    cacheReadTokens * RATES.cached +
    outputTokens * RATES.output,
  ceiling: (input, output) => input * RATES.input + output * RATES.output,
  affordableOutputTokens: (input, nanoUsd) =>
    Math.floor((nanoUsd - input * RATES.input) / RATES.output),
};

/** Prices every model as the fake provider bills `gpt-5-mini`. */
export const prices: PriceBook = {
  version: "test",
  resolve: () => card,
  dearest: () => card,
  estimateInputTokens: (input) => {
    try {
      return Buffer.byteLength(JSON.stringify(input) ?? "") + 100;
    } catch {
      return 1_000;
    }
  },
};

/** A guard that remembers what happened. */
export interface WatchedGuard {
  readonly guard: Guard;
  readonly records: CallRecord[];
  readonly refused: GuardError[];
  readonly tasks: string[];
  held(): Promise<number>;
}

export function watchedGuard(options: Parameters<typeof createGuard>[0] = {}): WatchedGuard {
  const guard = createGuard({ prices, budgets: ["$5/day"], ...options });
  const records: CallRecord[] = [];
  const refused: GuardError[] = [];
  const tasks: string[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("call-refused", ({ error }) => refused.push(error));
  guard.on("task-ended", ({ outcome }) => tasks.push(outcome));
  const held = async (): Promise<number> => (await guard.budgets())[0]?.held ?? 0;
  return { guard, records, refused, tasks, held };
}

/** Kills everything, as the person on call would. */
export async function killAll(guard: Guard, level: "stop" | "abort" = "stop"): Promise<void> {
  await guard.kill("everything", { reason: "test", by: "test", level });
}

/** A real HTTP model that talks to the fake provider. */
export function httpModel(fake: FakeProvider, includeUsage = true): LanguageModelObject {
  return createOpenAICompatible({
    name: "openai",
    baseURL: fake.url,
    apiKey: "none",
    includeUsage,
  })("gpt-5-mini");
}

export const USAGE = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};

export const STOP = { unified: "stop", raw: "stop" } as const;

/** A stream that one text and a finish part make. */
export const TEXT_PARTS: readonly StreamPart[] = [
  { type: "stream-start", warnings: [] },
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "hello" },
  { type: "text-delta", id: "1", delta: " you" },
  { type: "text-end", id: "1" },
  { type: "finish", usage: USAGE, finishReason: STOP },
];

/** A model whose stream is scripted by hand. */
export function streamModel(stream: () => ReadableStream<StreamPart>): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    modelId: "gpt-5-mini",
    doStream: async () => ({ stream: stream() }),
  });
}

/** A stream of the given parts that is read only as it is pulled. */
export function partStream(parts: readonly unknown[]): ReadableStream<StreamPart> {
  const left = [...parts];
  return new ReadableStream<StreamPart>(
    {
      pull(controller) {
        if (left.length === 0) controller.close();
        else controller.enqueue(left.shift() as StreamPart);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Runs something that must fail, and gives what it threw. */
export async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

/** A model of the kind that a method and further members make it; the method gives one answer. */
export function unitModel(method: string, answer: unknown, members: object = {}): ModelObject {
  return {
    specificationVersion: "v4",
    provider: "openai",
    modelId: "gpt-5-mini",
    [method]: async () => answer,
    ...members,
  };
}
