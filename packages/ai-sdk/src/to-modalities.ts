import type { Usage } from "@burnrate/core";
import { audioTokens } from "./estimate-input.ts";
import { type Fields, fieldsOf } from "./sdk-types.ts";

type Kind = "audio" | "image";

/** Where Google's two interfaces, and OpenAI with all that are compatible, say what tokens are of. */
const INPUT = ["promptTokensDetails", "input_tokens_by_modality", "prompt_tokens_details"];
const CACHED = ["cacheTokensDetails", "cached_tokens_by_modality"];
const OUTPUT = [
  "candidatesTokensDetails",
  "output_tokens_by_modality",
  "completion_tokens_details",
];

/**
 * Adds how much of a language model's usage was audio and images, which have prices of their own
 * and are in none of the SDK's fields: providers say it in what the SDK hands on as it came. Where
 * one says nothing of audio that the request brought along, or of images that it made, the dearer
 * reading counts: as much as there can be. Images in the input cost what text does.
 */
export function withModalities(
  usage: Usage | undefined,
  answer: unknown,
  prompt?: unknown,
): Usage | undefined {
  if (usage === undefined) return undefined;
  try {
    const found = modalitiesOf(usage, fieldsOf(answer), prompt);
    return found.some(([, tokens]) => tokens > 0)
      ? { ...usage, ...Object.fromEntries(found.filter(([, tokens]) => tokens > 0)) }
      : usage;
  } catch {
    return usage; // a getter of the provider's that throws tells us nothing
  }
}

function modalitiesOf(
  { inputTokens, outputTokens, reasoningTokens = 0 }: Usage,
  answer: Fields,
  prompt: unknown,
): readonly (readonly [keyof Usage, number])[] {
  const told = reportsOf(answer);
  return [
    [
      "audioInputTokens",
      tokensOf("audio", told, INPUT) ?? Math.min(inputTokens, audioBound(prompt)),
    ],
    ["audioCacheReadTokens", tokensOf("audio", told, CACHED) ?? 0],
    ["audioOutputTokens", tokensOf("audio", told, OUTPUT) ?? 0],
    [
      "imageOutputTokens",
      tokensOf("image", told, OUTPUT) ?? (madeImages(answer) ? outputTokens - reasoningTokens : 0),
    ],
  ];
}

/** Wherever a provider's own report of its usage may be. */
function reportsOf({ usage, providerMetadata, response }: Fields): readonly Fields[] {
  const { google, vertex, googleVertex } = fieldsOf(providerMetadata);
  return [
    fieldsOf(usage)["raw"],
    ...[google, vertex, googleVertex].map((metadata) => fieldsOf(metadata)["usageMetadata"]),
    fieldsOf(fieldsOf(response)["body"])["usage"],
  ].map(fieldsOf);
}

/** Undefined where no report says what tokens are of; 0 where one does, and has none of this. */
function tokensOf(
  kind: Kind,
  reports: readonly Fields[],
  names: readonly string[],
): number | undefined {
  for (const report of reports) {
    for (const name of names) {
      const details = report[name];
      const found = Array.isArray(details)
        ? listed(kind, details)
        : fieldsOf(details)[`${kind}_tokens`];
      if (typeof found === "number") return found;
    }
  }
  return undefined;
}

function listed(kind: Kind, details: readonly unknown[]): number {
  let sum = 0;
  for (const detail of details) {
    const { modality, tokenCount, tokens } = fieldsOf(detail);
    const isOfKind = typeof modality === "string" && modality.toLowerCase() === kind;
    const count = tokenCount ?? tokens;
    if (isOfKind && typeof count === "number") sum += count;
  }
  return sum;
}

/** An upper bound of the audio in a conversation; 0 where it has none. */
function audioBound(prompt: unknown): number {
  if (!Array.isArray(prompt)) return 0;
  let bound = 0;
  for (const message of prompt) {
    const { content } = fieldsOf(message);
    for (const part of Array.isArray(content) ? content : []) {
      const { data } = fieldsOf(part);
      if (isFile(part, "audio/")) bound += audioTokens(fieldsOf(data)["data"] ?? data);
    }
  }
  return bound;
}

function madeImages({ content }: Fields): boolean {
  return Array.isArray(content) && content.some((part) => isFile(part, "image/"));
}

function isFile(part: unknown, kind: string): boolean {
  const { type, mediaType } = fieldsOf(part);
  return type === "file" && typeof mediaType === "string" && mediaType.startsWith(kind);
}
