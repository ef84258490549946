import { fieldsOf } from "./sdk-types.ts";

/** Roles, names and separators around a request. */
const REQUEST_TOKENS = 32;
/** More than any provider documents for one image in a request. */
const IMAGE_TOKENS = 10_000;
/** Speech at 4 kbit/s is 500 bytes a second; 32 tokens for it are the most that is documented. */
const AUDIO_BYTES_PER_TOKEN = 12;
/**
 * Audio whose size cannot be seen, behind an address or in a stream: an hour at 32 tokens a second.
 */
const UNSEEN_AUDIO_TOKENS = 115_200;
/** The same, in seconds. */
const UNSEEN_AUDIO_SECONDS = 3_600;
const AUDIO_BYTES_PER_SECOND = 500;
/** More than any provider makes of one request that does not say. */
const UNASKED_VIDEO_SECONDS = 60;
/** A request for a longer one is a mistake that the model refuses. */
const MAX_ASKED_SECONDS = 1_000_000;
const CHUNK_TOKENS = 500;
const MAX_QUERY_TOKENS = 256;
const DOCUMENTS_PER_UNIT = 100;

/** An upper bound of tokens: one a byte of UTF-8, and a few around each text. */
export function textTokens(...texts: readonly unknown[]): number {
  let tokens = REQUEST_TOKENS;
  for (const text of texts) tokens += typeof text === "string" ? Buffer.byteLength(text) + 16 : 0;
  return tokens;
}

/**
 * An upper bound of the tokens of whatever JSON can write; what it cannot write counts as unseen.
 */
export function jsonTokens(value: unknown): number {
  try {
    return REQUEST_TOKENS + Buffer.byteLength(JSON.stringify(value) ?? "");
  } catch {
    return UNSEEN_AUDIO_TOKENS;
  }
}

/** An upper bound for images that a request brings along. */
export function imageTokens(...images: readonly unknown[]): number {
  const given = images.flat().filter((image) => image !== undefined && image !== null);
  return given.length * IMAGE_TOKENS;
}

/** An upper bound for audio: bytes, Base64 (which counts at its own length), or unseen. */
export function audioTokens(audio: unknown): number {
  const bytes = audioBytes(audio);
  if (bytes === undefined) return UNSEEN_AUDIO_TOKENS;
  return REQUEST_TOKENS + Math.ceil(bytes / AUDIO_BYTES_PER_TOKEN);
}

/**
 * What audio is taken to last at most: its length is in no field, and is not looked for in its
 * bytes. As long as they last at 4 kbit/s, and no longer than an hour.
 */
export function audioSeconds(audio: unknown): number {
  const bytes = audioBytes(audio) ?? Number.POSITIVE_INFINITY;
  return Math.min(UNSEEN_AUDIO_SECONDS, Math.ceil(bytes / AUDIO_BYTES_PER_SECOND));
}

/** What a video lasts: as asked for, or at most. */
export function videoSeconds(duration: unknown): number {
  const isAsked = typeof duration === "number" && duration >= 0 && duration <= MAX_ASKED_SECONDS;
  return isAsked ? duration : UNASKED_VIDEO_SECONDS;
}

function audioBytes(audio: unknown): number | undefined {
  const bytes = typeof audio === "string" ? audio.length : fieldsOf(audio)["byteLength"];
  return typeof bytes === "number" ? bytes : undefined;
}

/**
 * An upper bound of search units, as Cohere and Bedrock count them: one is a query over up to 100
 * chunks of documents. The smallest chunks that any model makes hold 510 tokens, of which the query
 * is at most 256.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/rerank-pricing.html
 * @see https://docs.cohere.com/docs/reranking-best-practices
 */
export function searchUnits(query: unknown, documents: unknown): number {
  const list: readonly unknown[] = Array.isArray(documents) ? documents : [documents];
  const room =
    CHUNK_TOKENS -
    Math.min(MAX_QUERY_TOKENS, typeof query === "string" ? Buffer.byteLength(query) : 0);
  let chunks = 0;
  for (const document of list) chunks += Math.max(1, Math.ceil(documentBytes(document) / room));
  return Math.max(1, Math.ceil(chunks / DOCUMENTS_PER_UNIT));
}

function documentBytes(document: unknown): number {
  return typeof document === "string" ? Buffer.byteLength(document) : jsonTokens(document);
}
