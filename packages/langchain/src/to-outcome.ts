import type { CallResult, Permit, Usage } from "@burnrate/core";
import { isDone, killOf } from "@burnrate/core/adapter";
import { withCacheTold } from "./cache-usage.ts";
import { notRetryable } from "./not-retryable.ts";
import { isObject, read, readText } from "./shape.ts";
import { toSources } from "./to-sources.ts";
import { toUsage, toUsageFromOutput } from "./to-usage.ts";
import { toldOnce } from "./told-once.ts";
import { hasBlocks } from "./written.ts";

/** Of what is over at once: nobody need wait for it. */
export const DONE: Promise<void> = Promise.resolve();

/** The result of a model call: LangChain's `LLMResult` or `ChatResult`. */
export function toResult(result: unknown, wantsOutput: boolean): CallResult {
  const generations = generationsOf(result);
  const usage = firstUsage(generations) ?? olderUsage(result, generations);
  const isLeftOut = usage?.outputTokens === 0 && generations.some(isWritten);
  return withUsage(isLeftOut ? undefined : usage, wantsOutput ? outputOf(generations) : undefined);
}

function generationsOf(result: unknown): readonly unknown[] {
  try {
    return isObject(result) ? flat(result["generations"]) : [];
  } catch {
    return [];
  }
}

function olderUsage(result: unknown, [first]: readonly unknown[]): Usage | undefined {
  return (
    toUsageFromOutput(read(result, "llmOutput")) ??
    toUsageFromOutput(read(read(first, "message"), "response_metadata"))
  );
}

/** Nothing is written with no tokens: a 0 is then what LangChain makes of what was left out. */
function isWritten(generation: unknown): boolean {
  if (readText(generation, "text") !== undefined) return true;
  const message = read(generation, "message");
  return hasBlocks(message) || callsIn(message).length > 0;
}

/** What a model said, as evaluators get it. */
export function answerOf(result: unknown): unknown {
  return outputOf(generationsOf(result));
}

/** An answer of LangChain's cache costs nothing, whatever its metadata still says. */
export function cachedResult(): CallResult {
  return { outcome: "cached", usage: { inputTokens: 0, outputTokens: 0 } };
}

/** The result of a tool: a message of status `error` is the tool saying that it failed. */
export function toToolResult(output: unknown, wantsOutput: boolean): CallResult {
  const outcome = read(output, "status") === "error" ? "tool-error" : "success";
  if (!wantsOutput) return { outcome };
  const sources = toSources(read(output, "artifact"), readText(output, "name") ?? "tool");
  const content = isMessage(output) ? read(output, "content") : undefined;
  const result = { outcome, output: content ?? output } as const;
  return sources === undefined ? result : { ...result, sources };
}

/** Of a tool's own data with a `content`, evaluators get all, and not that field alone. */
function isMessage(output: unknown): boolean {
  return ["getType", "_getType"].some((key) => typeof read(output, key) === "function");
}

/**
 * Settles a call.
 * @throws {KilledError} `BR1001` when a kill of level `abort` came before its answer.
 * @throws {EvaluationFailedError} `BR6001`, which LangChain's retries leave alone: it was paid for.
 */
export function settle(permit: Permit, result: CallResult): Promise<void> {
  const kill = result.outcome === "cached" ? undefined : killOf(permit);
  if (kill !== undefined) return withhold(permit, kill, result);
  const settling = permit.settle(result);
  return isDone(permit) ? DONE : settled(settling);
}

/** What did not listen to a kill is billed, and nobody is given its answer. */
async function withhold(permit: Permit, kill: unknown, { usage }: CallResult): Promise<never> {
  await permit.fail(kill, usage === undefined ? {} : { usage });
  throw notRetryable(kill);
}

async function settled(settling: Promise<unknown>): Promise<void> {
  try {
    await settling;
  } catch (error) {
    throw notRetryable(error);
  }
}

/** A result with what is known of it. */
export function withUsage(usage: Usage | undefined, output: unknown): CallResult {
  if (output === undefined) return usage === undefined ? {} : { usage };
  return usage === undefined ? { output } : { usage, output };
}

/** A model answers with a list, LangChain's callbacks hear of a list of such lists. */
function flat(generations: unknown): readonly unknown[] {
  if (!Array.isArray(generations)) return [];
  const [first] = generations;
  if (generations.length > 1) return generations.flat();
  return Array.isArray(first) ? first : generations;
}

/** What a message, or a chunk of one, says that was used. */
export function messageUsage(message: unknown): Usage | undefined {
  if (!isObject(message)) return undefined;
  let usage: Usage | undefined;
  try {
    const told = message["usage_metadata"];
    usage = toUsage(told);
    if (usage === undefined) return undefined;
    const own = message["response_metadata"];
    const once = toldOnce(told, own);
    return withCacheTold(once === told ? usage : toUsage(once), own);
  } catch {
    return usage; // without what throws
  }
}

/** With several choices, each message carries the usage of the whole request. */
function firstUsage(generations: readonly unknown[]): Usage | undefined {
  for (const generation of generations) {
    const usage = usageIn(generation);
    if (usage !== undefined) return usage;
  }
  return undefined;
}

function usageIn(generation: unknown): Usage | undefined {
  if (!isObject(generation)) return undefined;
  try {
    return messageUsage(generation["message"]);
  } catch {
    return undefined;
  }
}

/** Of several choices all: whoever asked for them may show any. */
function outputOf(generations: readonly unknown[]): unknown {
  if (generations.length <= 1) return choiceOf(generations[0]);
  const choices = generations.map(choiceOf);
  if (choices.every((choice) => typeof choice === "string")) return choices.join("\n");
  const content = choices.flatMap((choice) => partsOf(read(choice, "content") ?? choice));
  return { content, tool_calls: choices.flatMap((choice) => read(choice, "tool_calls") ?? []) };
}

function partsOf(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [{ type: "text", text: content }];
}

function listIn(message: unknown, key: string): readonly unknown[] {
  const list = read(message, key);
  return Array.isArray(list) ? list : [];
}

/** Also those whose arguments are no JSON, which LangChain keeps apart. */
function callsIn(message: unknown): readonly unknown[] {
  return [listIn(message, "tool_calls"), listIn(message, "invalid_tool_calls")].flat();
}

/** The text; with the tool calls beside it where the model asked for any, as a stream has them. */
function choiceOf(generation: unknown): unknown {
  const message = read(generation, "message");
  const content = read(message, "content");
  const calls = callsIn(message);
  if (calls.length > 0) return { content, tool_calls: calls };
  return read(generation, "text") || (content ?? "");
}
