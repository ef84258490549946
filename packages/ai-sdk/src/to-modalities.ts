import type { Usage } from "@burnrate/core";
import { audioTokens } from "./estimate-input.ts";
import { type Fields, fieldsOf } from "./sdk-types.ts";

type Made = { -readonly [Field in keyof Usage]: Usage[Field] };

/** What tokens were of; undefined where nobody says. */
interface Modalities {
  audioIn?: number | undefined;
  audioRead?: number | undefined;
  audioOut?: number | undefined;
  imageOut?: number | undefined;
}

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
    const modalities = modalitiesOf(usage, fieldsOf(answer), prompt);
    return modalities === undefined ? usage : { ...usage, ...modalities };
  } catch {
    return usage; // a getter of the provider's that throws tells us nothing
  }
}

/** Undefined for text alone: most calls. */
function modalitiesOf(usage: Usage, answer: Fields, prompt: unknown): Partial<Usage> | undefined {
  const told = toldBy(answer);
  const audioIn = told.audioIn ?? Math.min(usage.inputTokens, audioBound(prompt));
  const text = usage.outputTokens - (usage.reasoningTokens ?? 0);
  const imageOut = told.imageOut ?? (madeImages(answer) ? text : 0);
  if (audioIn === 0 && !told.audioRead && !told.audioOut && imageOut === 0) return undefined;
  const made: Partial<Made> = {};
  if (audioIn > 0) made.audioInputTokens = audioIn;
  if (told.audioRead) made.audioCacheReadTokens = told.audioRead;
  if (told.audioOut) made.audioOutputTokens = told.audioOut;
  if (imageOut > 0) made.imageOutputTokens = imageOut;
  return made;
}

/** Looks wherever a provider's own report may be; the first that says a thing counts. */
function toldBy({ usage, providerMetadata, response }: Fields): Modalities {
  const told: Modalities = {};
  const { google, vertex, googleVertex } = fieldsOf(providerMetadata);
  addReport(told, fieldsOf(usage)["raw"]);
  const metadata = google ?? vertex ?? googleVertex;
  if (metadata !== undefined) addReport(told, fieldsOf(metadata)["usageMetadata"]);
  if (response !== undefined) addReport(told, fieldsOf(fieldsOf(response)["body"])["usage"]);
  return told;
}

/** In the words of Google's two interfaces, and of OpenAI with all that are compatible. */
function addReport(told: Modalities, report: unknown): void {
  if (typeof report !== "object" || report === null) return;
  const { promptTokensDetails, input_tokens_by_modality, prompt_tokens_details } = report as Fields;
  const { cacheTokensDetails, cached_tokens_by_modality } = report as Fields;
  const { candidatesTokensDetails, output_tokens_by_modality, completion_tokens_details } =
    report as Fields;
  const input = promptTokensDetails ?? input_tokens_by_modality ?? prompt_tokens_details;
  const cached = cacheTokensDetails ?? cached_tokens_by_modality;
  const output = candidatesTokensDetails ?? output_tokens_by_modality ?? completion_tokens_details;
  told.audioIn ??= audioOf(input);
  told.audioRead ??= audioOf(cached);
  told.audioOut ??= audioOf(output);
  told.imageOut ??= imagesOf(output);
}

function audioOf(details: unknown): number | undefined {
  if (Array.isArray(details)) return listed("audio", details);
  const { audio_tokens } = fieldsOf(details);
  return typeof audio_tokens === "number" ? audio_tokens : undefined;
}

function imagesOf(details: unknown): number | undefined {
  if (Array.isArray(details)) return listed("image", details);
  const { image_tokens } = fieldsOf(details);
  return typeof image_tokens === "number" ? image_tokens : undefined;
}

function listed(kind: string, details: readonly unknown[]): number {
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
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      if (!isFile(part, "audio/")) continue;
      const { data } = fieldsOf(part);
      bound += audioTokens(fieldsOf(data)["data"] ?? data);
    }
  }
  return bound;
}

function madeImages({ content }: Fields): boolean {
  return Array.isArray(content) && content.some(isImage);
}

/** Whether a part of an answer is an image. */
export function isImage(part: unknown): boolean {
  return isFile(part, "image/");
}

function isFile(part: unknown, kind: string): boolean {
  const { type, mediaType } = fieldsOf(part);
  return type === "file" && typeof mediaType === "string" && mediaType.startsWith(kind);
}
