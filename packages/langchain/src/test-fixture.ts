import {
  type CallRecord,
  createGuard,
  type Guard,
  type GuardError,
  type PriceBook,
  type RateCard,
  type Usage,
} from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { ChatOpenAI, type ChatOpenAIFields } from "@langchain/openai";
import { type DynamicStructuredTool, tool } from "langchain";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { z } from "zod";

/** The fake provider's rates of `gpt-5-mini`, in nano-dollars a token. */
const RATES = { input: 250, cached: 25, output: 2_000 };

const card: RateCard = {
  provider: "openai",
  model: "gpt-5-mini",
  cost: (usage: Usage) => {
    const cached = usage.cacheReadTokens ?? 0;
    return (
      (usage.inputTokens - cached) * RATES.input +
      cached * RATES.cached +
      usage.outputTokens * RATES.output
    );
  },
  ceiling: (input, output) => input * RATES.input + output * RATES.output,
  affordableOutputTokens: (input, nanoUsd) =>
    Math.floor((nanoUsd - input * RATES.input) / RATES.output),
};

/** Prices `gpt-5-mini` as the fake provider bills it, and nothing else. */
export const prices: PriceBook = {
  version: "test",
  resolve: (_provider, model) => (model === "gpt-5-mini" ? card : undefined),
  dearest: () => card,
  estimateInputTokens: (input) => Buffer.byteLength(JSON.stringify(input) ?? "") + 100,
};

/** What the fake provider charges for embeddings. */
export const embeddingCard: RateCard = {
  provider: "openai",
  model: "text-embedding-3-small",
  maxOutputTokens: 0,
  cost: ({ inputTokens }) => inputTokens * 20,
  ceiling: (input) => input * 20,
  affordableOutputTokens: () => Number.MAX_SAFE_INTEGER,
};

/** A guard that remembers what happened. */
export interface WatchedGuard {
  readonly guard: Guard;
  readonly records: CallRecord[];
  readonly refused: GuardError[];
  readonly tasks: string[];
}

export function watchedGuard(options: Parameters<typeof createGuard>[0] = {}): WatchedGuard {
  const guard = createGuard({ prices, budgets: ["$5/day"], ...options });
  const records: CallRecord[] = [];
  const refused: GuardError[] = [];
  const tasks: string[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("call-refused", ({ error }) => refused.push(error));
  guard.on("task-ended", ({ outcome }) => tasks.push(outcome));
  return { guard, records, refused, tasks };
}

/** The same, and what became of tasks. */
export interface WatchedTasks extends Omit<WatchedGuard, "tasks"> {
  /** Name and outcome of each that has ended. */
  readonly ended: readonly string[];
  /** The tasks that calls were in. */
  tasks(): readonly unknown[];
}

/** A guard whose ended tasks are remembered by name, beside the tasks that calls were in. */
export function watchedTasks(options: Parameters<typeof createGuard>[0] = {}): WatchedTasks {
  const made = watchedGuard(options);
  const ended: string[] = [];
  made.guard.on("task-ended", ({ name, outcome }) => ended.push(`${name} ${outcome}`));
  const tasks = (): unknown[] => made.records.map(({ context }) => context.task);
  return { ...made, ended, tasks };
}

/** What is held and settled, over all budgets in dollars. */
export async function money(guard: Guard): Promise<{ held: number; spent: number }> {
  const [budget] = await guard.budgets();
  return { held: budget?.held ?? 0, spent: (budget?.settled ?? 0) + (budget?.unknown ?? 0) };
}

/** Kills everything, as the person on call would. */
export async function killAll(guard: Guard, level: "stop" | "abort" = "stop"): Promise<void> {
  await guard.kill("everything", { reason: "test", by: "test", level });
}

/** One fake provider for a test file, empty before each test; refusals are not printed. */
export async function provider(): Promise<FakeProvider> {
  beforeAll(quiet);
  const nano = { inputNano: 25, cachedInputNano: 25, outputNano: 200 };
  const fake = await startFakeProvider({ rates: { "gpt-5-nano": nano } });
  beforeEach(() => fake.reset());
  afterAll(() => fake.close());
  return fake;
}

/** A real ChatOpenAI that talks to the fake provider. */
export function chat(fake: FakeProvider, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: fake.url },
    maxRetries: 0,
    ...fields,
  });
}

const text: z.ZodObject<{ text: z.ZodString }> = z.object({ text: z.string() });

/** A tool that answers what it was given. */
export const echo: DynamicStructuredTool<typeof text> = tool(
  async ({ text }: { text: string }) => `echo ${text}`,
  {
    name: "echo",
    description: "Says it again",
    schema: text,
  },
);

/** Runs something that must fail, and gives what it threw. */
export async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

/** Consumes a stream to its end. */
export async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let parts = 0;
  for await (const _ of stream) parts += 1;
  return parts;
}

/** What LangChain prints when our callback refuses, which no option of its own turns off. */
const REFUSAL_NOTE = /^Error in handler Object, handle\w+: (\w+Error: BR\d{4} |AbortError)/;

/** Keeps those notes, and nothing else, out of a test file's output. */
export function quiet(): void {
  const print = console.error;
  console.error = (...args) => {
    if (!REFUSAL_NOTE.test(String(args[0]))) print(...args);
  };
}

/** LangChain waits for seconds before it tries again; in a file's tests it does not. */
export function withoutBackoff(): void {
  beforeEach(() => {
    const later = setTimeout;
    const hurried = (run: () => void, ms = 0, ...args: []): NodeJS.Timeout => {
      const isBackoff = run.name === "" && args.length === 0 && ms >= 1_000 && ms < 60_000;
      return later(run, isBackoff ? 0 : ms, ...args);
    };
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
  });
  afterEach(() => vi.restoreAllMocks());
}
