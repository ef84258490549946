import type { Usage } from "@burnrate/core";
import { type Fields, fieldsOf } from "./sdk-types.ts";

type Made = { -readonly [Field in keyof Usage]: Usage[Field] };

/**
 * Reads what a model says that it used: nested in specifications 3 and 4, flat in 2. Undefined
 * when a total is missing, which is not zero: the guard then charges the reservation. Figures that
 * make no sense are handed on as they are; the guard judges them.
 */
export function toUsage(usage: unknown, providerMetadata?: unknown): Usage | undefined {
  try {
    const fields = fieldsOf(usage);
    return typeof fields["inputTokens"] === "object"
      ? fromNested(fields, fieldsOf(providerMetadata))
      : fromFlat(fields);
  } catch {
    return undefined; // a getter of the provider's that throws tells us nothing
  }
}

function fromNested(usage: Fields, metadata: Fields): Usage | undefined {
  const input = fieldsOf(usage["inputTokens"]);
  const output = fieldsOf(usage["outputTokens"]);
  const made = makeUsage(input["total"], output["total"], input["cacheRead"], output["reasoning"]);
  const written = input["cacheWrite"];
  if (made !== undefined && typeof written === "number") {
    splitCacheWrites(made, written, fieldsOf(usage["raw"]), metadata);
  }
  return made;
}

function fromFlat(usage: Fields): Usage | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  return makeUsage(inputTokens, outputTokens, cachedInputTokens, reasoningTokens);
}

/** Anthropic says how long each part of a cache write lives; others write for five minutes. */
function splitCacheWrites(made: Made, written: number, raw: Fields, metadata: Fields): void {
  const reported = fieldsOf(fieldsOf(metadata["anthropic"])["usage"]);
  const creation = fieldsOf(raw["cache_creation"] ?? reported["cache_creation"]);
  const long = creation["ephemeral_1h_input_tokens"];
  if (typeof long !== "number" || !(long > 0)) made.cacheWrite5mTokens = written;
  else {
    made.cacheWrite1hTokens = Math.min(long, written);
    made.cacheWrite5mTokens = written - made.cacheWrite1hTokens;
  }
}

function makeUsage(
  inputTokens: unknown,
  outputTokens: unknown,
  cacheReadTokens: unknown,
  reasoningTokens: unknown,
): Made | undefined {
  if (typeof inputTokens !== "number" || typeof outputTokens !== "number") return undefined;
  const made: Made = { inputTokens, outputTokens };
  if (typeof cacheReadTokens === "number") made.cacheReadTokens = cacheReadTokens;
  if (typeof reasoningTokens === "number") made.reasoningTokens = reasoningTokens;
  return made;
}
