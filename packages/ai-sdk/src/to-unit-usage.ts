import type { ReportedUsage, Usage } from "@burnrate/core";
import { type Fields, fieldsOf } from "./sdk-types.ts";

type Made = { -readonly [Field in keyof Usage]: Usage[Field] };

/**
 * What providers call the two totals, and their audio parts, in usage that the SDK hands on as it
 * came.
 */
const INPUT = ["inputTokens", "input_tokens", "promptTokenCount", "prompt_tokens"];
const OUTPUT = ["outputTokens", "output_tokens", "candidatesTokenCount", "completion_tokens"];
const INPUT_DETAILS = ["input_token_details", "inputTokenDetails", "inputTokensDetails"];
const AUDIO = ["audio_tokens", "audioTokens"];

/** Reads an embedding's usage: tokens of input, and nothing else. None at all is missing. */
export function embeddingUsage(answer: unknown): Usage | undefined {
  return attempted(() => {
    const { tokens } = fieldsOf(fieldsOf(answer)["usage"]);
    const isTold = typeof tokens === "number" && tokens !== 0;
    return isTold ? { inputTokens: tokens, outputTokens: 0 } : undefined;
  });
}

/** Reads totals of tokens, under whatever names; undefined when one is missing. */
export function tokenUsage(answer: unknown): Usage | undefined {
  return attempted(() => tokensOf(answer));
}

/**
 * Images that were made, with their tokens where the provider says them. `hasImages`: the request
 * brought some along, so that its input tokens are of images unless the provider says how many are.
 */
export function imageUsage(answer: unknown, hasImages: boolean): ReportedUsage | undefined {
  return attempted(() => {
    const { images } = fieldsOf(answer);
    const tokens = tokensOf(answer);
    if (!Array.isArray(images)) return tokens;
    if (tokens === undefined) return { images: images.length };
    if (hasImages) tokens.imageInputTokens = imageTokensOf(answer) ?? tokens.inputTokens;
    return { ...tokens, imageOutputTokens: tokens.outputTokens, images: images.length };
  });
}

/**
 * Search units as Cohere bills them, which the SDK hands on with the response, and tokens. All of
 * them are input: Voyage tells their sum alone.
 */
export function rankingUsage(answer: unknown): ReportedUsage | undefined {
  return attempted(() => {
    const body = fieldsOf(fieldsOf(fieldsOf(answer)["response"])["body"]);
    const told = fieldsOf(fieldsOf(body["meta"])["billed_units"])["search_units"];
    const sum = usageOf(answer)["total_tokens"];
    const isTold = typeof sum === "number" && sum > 0;
    const tokens = tokensOf(answer) ?? (isTold ? { inputTokens: sum, outputTokens: 0 } : undefined);
    return typeof told === "number" ? { ...tokens, searchUnits: told } : tokens;
  });
}

/** OpenAI's share of images in the input, which the SDK spreads over the images that were made. */
function imageTokensOf(answer: unknown): number | undefined {
  const { images } = fieldsOf(fieldsOf(fieldsOf(answer)["providerMetadata"])["openai"]);
  if (!Array.isArray(images)) return undefined;
  const counts = images.map((image) => fieldsOf(image)["imageTokens"]);
  if (!counts.every((count) => typeof count === "number")) return undefined;
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Time of video that was made, with tokens where the provider says them. */
export function filmUsage(answer: unknown, seconds: number | undefined): ReportedUsage | undefined {
  return attempted(() => timed(answer, seconds ?? usageOf(answer)["seconds"]));
}

/** Time of audio that was read: OpenAI bills whole seconds, and says so beside the duration. */
export function hearingUsage(answer: unknown): ReportedUsage | undefined {
  return attempted(() => {
    const billed = usageOf(answer)["seconds"];
    const { durationInSeconds } = fieldsOf(answer);
    return timed(answer, typeof billed === "number" ? billed : durationInSeconds);
  });
}

function timed(answer: unknown, seconds: unknown): ReportedUsage | undefined {
  const tokens = tokensOf(answer);
  return typeof seconds === "number" ? { ...tokens, seconds } : tokens;
}

function tokensOf(answer: unknown): Made | undefined {
  const usage = usageOf(answer);
  const inputTokens = firstOf(usage, INPUT);
  const outputTokens = firstOf(usage, OUTPUT);
  if (typeof inputTokens !== "number" || typeof outputTokens !== "number") return undefined;
  if (inputTokens === 0 && outputTokens === 0) return undefined;
  const made: Made = { inputTokens, outputTokens };
  const audio = firstOf(fieldsOf(firstOf(usage, INPUT_DETAILS)), AUDIO);
  if (typeof audio === "number" && audio > 0) made.audioInputTokens = audio;
  return made;
}

/** The SDK's own field, or the provider's where it only hands on the body of the response. */
function usageOf(answer: unknown): Fields {
  const { usage, response } = fieldsOf(answer);
  return fieldsOf(usage ?? fieldsOf(fieldsOf(response)["body"])["usage"]);
}

function firstOf(fields: Fields, names: readonly string[]): unknown {
  const name = names.find((key) => fields[key] !== undefined);
  return name === undefined ? undefined : fields[name];
}

/** A getter of the provider's that throws tells us nothing. */
function attempted<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
