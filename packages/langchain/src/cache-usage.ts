import type { Usage } from "@burnrate/core";
import { isObject, type Loose, read } from "./shape.ts";

type Made = { -readonly [Field in keyof Usage]: Usage[Field] };

/** What a provider itself says of its cache. */
interface CacheTold {
  readonly read: number;
  readonly written: number;
  /** Part of `written` that lives for an hour, at a price of its own. */
  readonly writtenForAnHour: number;
  /** Input that is neither read nor written; undefined in streams of Anthropic's. */
  readonly beside: number | undefined;
  /** All of the output; undefined of Anthropic's, of which LangChain tells it right. */
  readonly output: number | undefined;
}

/**
 * Corrects usage with what Anthropic and Bedrock say of their cache in `response_metadata`.
 * Early versions of `@langchain/anthropic` leave what was cached out of the input and count it
 * twice in streams; those of `@langchain/aws` leave it out of all but the total, where it looks
 * like output. None says that it was written for an hour.
 */
export function withCacheTold(usage: Usage | undefined, metadata: unknown): Usage | undefined {
  if (usage === undefined) return undefined;
  const told = toldIn(metadata);
  if (told === undefined) return withoutRepeats(usage, metadata);
  const cached = told.read + told.written;
  const isLeftOut = read(metadata, "model_provider") === undefined; // before version 1
  const made: Made = {
    ...usage,
    outputTokens: told.output ?? usage.outputTokens,
    inputTokens: told.beside === undefined ? usage.inputTokens : told.beside + cached,
    cacheReadTokens: told.read,
  };
  if (told.beside === undefined && isLeftOut) made.inputTokens += cached;
  made.cacheWrite1hTokens = Math.min(told.writtenForAnHour, told.written);
  made.cacheWrite5mTokens = told.written - made.cacheWrite1hTokens;
  return made;
}

/**
 * LangChain adds up what Gemini's chunks say of the cache, each of them all of it. How much it was
 * is then nobody's knowledge, so none counts as cached.
 */
function withoutRepeats(usage: Usage, metadata: unknown): Usage {
  if (usage.cacheReadTokens === undefined || usage.cacheReadTokens <= usage.inputTokens)
    return usage;
  const { cacheReadTokens: _repeated, ...rest } = usage;
  return read(metadata, "model_provider") === "google-genai" ? rest : usage;
}

/** Asked for each call: fields are read where they stand, where the engine knows what is read. */
function toldIn(metadata: unknown): CacheTold | undefined {
  if (!isObject(metadata)) return undefined;
  try {
    const { usage } = metadata;
    const told = isObject(usage) ? toldByAnthropic(usage) : undefined;
    if (told !== undefined) return told;
    const streamed = usage ?? read(metadata["metadata"], "usage"); // one level further down
    return isObject(streamed) ? toldByBedrock(streamed) : undefined;
  } catch {
    return undefined;
  }
}

function toldByAnthropic(usage: Loose): CacheTold | undefined {
  const cacheRead = count(usage["cache_read_input_tokens"]);
  const written = count(usage["cache_creation_input_tokens"]);
  if (cacheRead === undefined && written === undefined) return undefined;
  return {
    read: cacheRead ?? 0,
    written: written ?? 0,
    writtenForAnHour: count(read(usage["cache_creation"], "ephemeral_1h_input_tokens")) ?? 0,
    beside: count(usage["input_tokens"]),
    output: undefined,
  };
}

function toldByBedrock(usage: Loose): CacheTold | undefined {
  const beside = count(usage["inputTokens"]);
  const written = count(usage["cacheWriteInputTokens"]);
  if (beside === undefined || written === undefined) return undefined;
  const details = usage["cacheDetails"];
  const long = (Array.isArray(details) ? details : []).filter((part) => read(part, "ttl") === "1h");
  const writtenForAnHour = long.reduce(
    (sum, part) => sum + (count(read(part, "inputTokens")) ?? 0),
    0,
  );
  const cacheRead = count(usage["cacheReadInputTokens"]) ?? 0;
  return {
    read: cacheRead,
    written,
    writtenForAnHour,
    beside,
    output: count(usage["outputTokens"]),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
