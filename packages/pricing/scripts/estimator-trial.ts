import type { PriceBook, RateCard } from "@burnrate/core";
import { countChatCompletionTokens } from "gpt-tokenizer/model/gpt-4o";
import { createRandom, type Random, TEXTS } from "./estimator-texts.ts";

/** The provider's count. */
function trueTokens(request: Parameters<NonNullable<typeof countChatCompletionTokens>>[0]): number {
  if (countChatCompletionTokens === undefined) throw new Error("gpt-4o has no chat format");
  return countChatCompletionTokens(request);
}

const ROLES = ["user", "assistant"] as const;

const WEATHER = {
  name: "get_weather",
  description: "Get the weather of a city for the next days.",
  parameters: {
    type: "object" as const,
    properties: {
      city: { type: "string" as const, description: "The city and its country" },
      days: { type: "integer" as const, description: "How many days" },
      unit: { type: "string" as const, enum: ["celsius", "fahrenheit"] },
    },
    required: ["city"],
  },
};

/** What calls carry: kinds of text by weight, and how many have tools. */
export interface Traffic {
  readonly kinds: Readonly<Record<string, number>>;
  readonly tools: number;
}

/** How estimates did against the truth. */
export interface TrialResult {
  readonly calls: number;
  /** The part of calls that had more tokens than were estimated. */
  readonly under: number;
  /** The most that a call had for each token estimated. */
  readonly worst: number;
  /** Tokens estimated for each that was there, over all calls. */
  readonly reserved: number;
}

/** A request, and how many tokens its provider counts. */
export interface TrialCall {
  readonly input: object;
  readonly actual: number;
}

/** The same calls for the same seed. */
export function makeCalls(traffic: Traffic, count: number, seed: number): readonly TrialCall[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => makeCall(traffic, random));
}

/** Sends calls through an estimator and tells it the truth, as a guard would, and counts. */
export function runTrial(
  prices: PriceBook,
  card: RateCard,
  calls: readonly TrialCall[],
): TrialResult {
  const sums = { under: 0, worst: 0, estimated: 0, actual: 0 };
  for (const { input, actual } of calls) {
    const estimated = prices.estimateInputTokens(input, card);
    prices.observe?.(card, estimated, actual);
    sums.estimated += estimated;
    sums.actual += actual;
    sums.worst = Math.max(sums.worst, actual / estimated);
    if (actual > estimated) sums.under++;
  }
  return {
    calls: calls.length,
    under: sums.under / calls.length,
    worst: sums.worst,
    reserved: sums.estimated / sums.actual,
  };
}

function makeCall(traffic: Traffic, random: Random): TrialCall {
  const messages: { role: "system" | "user" | "assistant"; content: string }[] = [
    { role: "system", content: "You are a helpful assistant." },
  ];
  const turns = 1 + Math.floor(random() ** 2 * 8);
  const kind = pick(traffic.kinds, random);
  for (let turn = 0; turn < turns; turn++) {
    const length = Math.ceil(10 * 300 ** random());
    const make = TEXTS[turn === 0 ? kind : pick(traffic.kinds, random)];
    const content = make?.(length, random) ?? "";
    messages.push({ role: ROLES[turn % 2] ?? "user", content });
  }
  if (random() >= traffic.tools) {
    return { input: { messages }, actual: trueTokens({ messages }) };
  }
  const actual = trueTokens({ messages, functions: [WEATHER] });
  return { input: { messages, tools: [{ type: "function", function: WEATHER }] }, actual };
}

function pick(kinds: Readonly<Record<string, number>>, random: Random): string {
  const entries = Object.entries(kinds);
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of entries) {
    left -= weight;
    if (left < 0) return kind;
  }
  return entries.at(-1)?.[0] ?? "";
}
