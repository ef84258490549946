import type { Usage } from "@burnrate/core";
import { isObject, read, readable } from "./shape.ts";

type Mutable = { -readonly [K in keyof Usage]: Usage[K] };

/** LangChain's details of `usage_metadata`, which are subsets of its totals, as ours are. */
const INPUT_DETAILS = [
  ["cache_read", "cacheReadTokens"],
  ["audio", "audioInputTokens"],
  ["image", "imageInputTokens"],
  ["ephemeral_1h_input_tokens", "cacheWrite1hTokens"],
] as const;
const OUTPUT_DETAILS = [
  ["reasoning", "reasoningTokens"],
  ["audio", "audioOutputTokens"],
  ["image", "imageOutputTokens"],
] as const;

/**
 * LangChain's `usage_metadata`, or undefined when the provider did not say: missing is not zero,
 * and all zeros is missing (nothing can be answered from no input).
 */
export function toUsage(metadata: unknown): Usage | undefined {
  if (!isObject(metadata)) return undefined;
  try {
    const pair = tokenPair(
      count(metadata["input_tokens"]),
      count(metadata["output_tokens"]),
      count(metadata["total_tokens"]),
    );
    if (pair === undefined) return undefined;
    const { input_token_details: input, output_token_details: output } = metadata;
    return input === undefined && output === undefined ? pair : withDetails(pair, input, output);
  } catch {
    return toUsage(readable(metadata)); // what throws in it is missing
  }
}

function withDetails(pair: Usage, input: unknown, output: unknown): Usage {
  const usage: Mutable = { ...pair };
  copyDetails(usage, input, INPUT_DETAILS);
  addCacheWrites(usage, input);
  copyDetails(usage, output, OUTPUT_DETAILS);
  return usage;
}

/**
 * The older `llmOutput.tokenUsage`, and what models leave in `response_metadata`: in LangChain's
 * words or OpenAI's, whose input includes what was cached. `estimatedTokenUsage` is a guess of
 * LangChain's, and others count without cached input: never read.
 */
export function toUsageFromOutput(holder: unknown): Usage | undefined {
  for (const key of ["tokenUsage", "token_usage", "usage"]) {
    const usage = read(holder, key);
    const pair = tokenPair(
      number(usage, "promptTokens") ?? number(usage, "prompt_tokens"),
      number(usage, "completionTokens") ?? number(usage, "completion_tokens"),
      number(usage, "totalTokens") ?? number(usage, "total_tokens"),
    );
    if (pair !== undefined) return pair;
  }
  return undefined;
}

/**
 * Adds the usage of a further chunk, as LangChain adds chunks up. What a chunk says of cached input
 * beyond its own input is the sum so far, said again: Gemini's and Anthropic's chunks do that.
 */
export function addUsage(sum: Usage | undefined, more: Usage | undefined): Usage | undefined {
  if (sum === undefined || more === undefined) return sum ?? more;
  const { cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, ...rest } = more;
  const isAgain = cachedOf(more) > more.inputTokens && cachedOf(sum) >= cachedOf(more);
  const total: Record<string, number> = { ...sum };
  for (const [key, value] of Object.entries(isAgain ? rest : more)) {
    total[key] = (total[key] ?? 0) + value;
  }
  return total as unknown as Usage;
}

/**
 * Event streams say the sum so far each time, and LangChain leaves out of every sum but the first
 * what was cached or reasoned.
 */
export function latestUsage(before: Usage | undefined, sum: Usage | undefined): Usage | undefined {
  return before === undefined || sum === undefined ? (sum ?? before) : { ...before, ...sum };
}

function cachedOf(usage: Usage): number {
  const { cacheReadTokens = 0, cacheWrite5mTokens = 0, cacheWrite1hTokens = 0 } = usage;
  return cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
}

/** What a total says beyond its parts is output: Gemini's thoughts are in no other figure. */
function tokenPair(
  input: number | undefined,
  output: number | undefined,
  total: number | undefined,
): Usage | undefined {
  const inputTokens = input ?? difference(total, output);
  const rest = difference(total, inputTokens);
  const isMore = rest !== undefined && (output === undefined || rest > output);
  const outputTokens = isMore ? rest : output;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  if (inputTokens === 0 && outputTokens === 0) return undefined;
  return { inputTokens, outputTokens };
}

/** ChatOpenAI leaves a count of 0 out, and says only the other one and the total. */
function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total - part;
}

function number(value: unknown, key: string): number | undefined {
  return count(read(value, key));
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function copyDetails(
  usage: Mutable,
  from: unknown,
  names: readonly (readonly [string, keyof Usage])[],
): void {
  for (const [theirs, ours] of names) {
    const value = number(from, theirs);
    if (value !== undefined) usage[ours] = value;
  }
}

/** `cache_creation` is the sum of what Anthropic writes for 5 minutes and for an hour. */
function addCacheWrites(usage: Mutable, input: unknown): void {
  const short = number(input, "ephemeral_5m_input_tokens");
  const all = number(input, "cache_creation");
  if (short !== undefined) usage.cacheWrite5mTokens = short;
  else if (all !== undefined) usage.cacheWrite5mTokens = all - (usage.cacheWrite1hTokens ?? 0);
}
