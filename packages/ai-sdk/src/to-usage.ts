import type { Usage } from "@burnrate/core";

type Fields = Readonly<Record<string, unknown>>;

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
  return makeUsage(input["total"], output["total"], {
    cacheReadTokens: input["cacheRead"],
    ...splitCacheWrites(input["cacheWrite"], fieldsOf(usage["raw"]), metadata),
    reasoningTokens: output["reasoning"],
  });
}

function fromFlat(usage: Fields): Usage | undefined {
  return makeUsage(usage["inputTokens"], usage["outputTokens"], {
    cacheReadTokens: usage["cachedInputTokens"],
    reasoningTokens: usage["reasoningTokens"],
  });
}

/** Anthropic says how long each part of a cache write lives; others write for five minutes. */
function splitCacheWrites(
  written: unknown,
  raw: Fields,
  metadata: Fields,
): Readonly<Record<string, unknown>> {
  if (typeof written !== "number") return {};
  const reported = fieldsOf(fieldsOf(metadata["anthropic"])["usage"]);
  const creation = fieldsOf(raw["cache_creation"] ?? reported["cache_creation"]);
  const long = creation["ephemeral_1h_input_tokens"];
  if (typeof long !== "number" || !(long > 0)) return { cacheWrite5mTokens: written };
  const cacheWrite1hTokens = Math.min(long, written);
  return { cacheWrite5mTokens: written - cacheWrite1hTokens, cacheWrite1hTokens };
}

function makeUsage(input: unknown, output: unknown, details: Fields): Usage | undefined {
  if (typeof input !== "number" || typeof output !== "number") return undefined;
  const known = Object.entries(details).filter(([, value]) => typeof value === "number");
  return { inputTokens: input, outputTokens: output, ...Object.fromEntries(known) };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
