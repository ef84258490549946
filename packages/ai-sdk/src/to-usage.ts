import type { Usage } from "@burnrate/core";
import { billedBeside } from "./billed-beside.ts";
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
    const metadata = fieldsOf(providerMetadata);
    const read = typeof fields["inputTokens"] === "object" ? fromNested : fromFlat;
    const made = read(fields, metadata);
    if (made === undefined) return undefined;
    const beside = billedBeside(fieldsOf(fields["raw"]), metadata);
    made.inputTokens += beside.input;
    made.outputTokens += beside.output;
    return made;
  } catch {
    return undefined; // a getter of the provider's that throws tells us nothing
  }
}

function fromNested(usage: Fields, metadata: Fields): Made | undefined {
  const { total, noCache, cacheRead, cacheWrite } = fieldsOf(usage["inputTokens"]);
  const output = fieldsOf(usage["outputTokens"]);
  const raw = fieldsOf(usage["raw"]);
  const sum = raw["total_tokens"];
  if (noCache === undefined && cacheWrite === undefined) {
    // As `ai` 6 and 7 convert what a model of specification 2 says: it means what it meant there.
    const flat = {
      inputTokens: total,
      outputTokens: output["total"],
      cachedInputTokens: cacheRead,
    };
    const totalTokens = raw["totalTokens"] ?? sum;
    return fromFlat({ ...flat, totalTokens, reasoningTokens: output["reasoning"] }, metadata);
  }
  const parts = { cacheReadTokens: cacheRead, reasoningTokens: output["reasoning"] };
  const made = makeUsage(total, output["total"], sum, parts);
  if (made !== undefined && typeof cacheWrite === "number") {
    splitCacheWrites(made, cacheWrite, raw, metadata);
  }
  return made;
}

function fromFlat(usage: Fields, metadata: Fields): Made | undefined {
  const { inputTokens, outputTokens, totalTokens, cachedInputTokens: read } = usage;
  const written = writtenBeside(metadata);
  const beside = written === undefined ? 0 : written + (typeof read === "number" ? read : 0);
  const input = typeof inputTokens === "number" ? inputTokens + beside : inputTokens;
  const parts = { cacheReadTokens: read, reasoningTokens: usage["reasoningTokens"] };
  const made = makeUsage(input, outputTokens, totalTokens, parts);
  if (made !== undefined && written !== undefined && written > 0) {
    splitCacheWrites(made, written, {}, metadata);
  }
  return made;
}

/**
 * In specification 2, models of Anthropic's and Bedrock's count what they read from a cache and
 * wrote to it beside the input, and say the latter in their metadata. Undefined for all others,
 * whose input includes both.
 */
function writtenBeside({ anthropic, bedrock }: Fields): number | undefined {
  const holder = anthropic ?? bedrock;
  if (typeof holder !== "object" || holder === null) return undefined;
  const { cacheCreationInputTokens, usage } = fieldsOf(holder);
  const { cacheWriteInputTokens, cache_creation_input_tokens } = fieldsOf(usage);
  const said = cacheCreationInputTokens ?? cache_creation_input_tokens ?? cacheWriteInputTokens;
  return typeof said === "number" && said > 0 ? said : 0; // early Bedrock models say NaN for none
}

/** Anthropic and Bedrock say how long a cache write lives; others write for five minutes. */
function splitCacheWrites(made: Made, written: number, raw: Fields, metadata: Fields): void {
  const long = hourlyWrites(raw, metadata);
  if (typeof long !== "number" || !(long > 0)) made.cacheWrite5mTokens = written;
  else {
    made.cacheWrite1hTokens = Math.min(long, written);
    made.cacheWrite5mTokens = written - made.cacheWrite1hTokens;
  }
}

function hourlyWrites(raw: Fields, { anthropic, bedrock }: Fields): unknown {
  const reports = [
    raw,
    fieldsOf(fieldsOf(anthropic)["usage"]),
    fieldsOf(fieldsOf(bedrock)["usage"]),
  ];
  for (const { cache_creation, cacheDetails } of reports) {
    const told = fieldsOf(cache_creation)["ephemeral_1h_input_tokens"];
    if (told !== undefined) return told;
    if (Array.isArray(cacheDetails)) {
      const long = cacheDetails.map(fieldsOf).filter(({ ttl }) => ttl === "1h");
      return long.reduce((sum, { inputTokens }) => sum + Number(inputTokens), 0);
    }
  }
  return undefined;
}

/**
 * All zeros is missing: nothing can be answered from no input, but an SDK writes 0 for what a
 * provider left out. What a sum says beyond its parts is output: the thoughts of Gemini, which
 * specification 2 and compatible servers count in no other figure.
 */
function makeUsage(
  inputTokens: unknown,
  outputTokens: unknown,
  sum: unknown,
  { cacheReadTokens, reasoningTokens }: Fields,
): Made | undefined {
  if (typeof inputTokens !== "number" || typeof outputTokens !== "number") return undefined;
  const rest = typeof sum === "number" ? sum - inputTokens : 0;
  const made: Made = { inputTokens, outputTokens: rest > outputTokens ? rest : outputTokens };
  if (made.inputTokens === 0 && made.outputTokens === 0) return undefined;
  if (typeof cacheReadTokens === "number") made.cacheReadTokens = cacheReadTokens;
  if (typeof reasoningTokens === "number") made.reasoningTokens = reasoningTokens;
  return made;
}
