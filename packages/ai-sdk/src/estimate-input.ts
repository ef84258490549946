import { fieldsOf } from "./sdk-types.ts";

/** Roles, names and separators around a request. */
const REQUEST_TOKENS = 32;
/** More than any provider documents for one image in a request. */
const IMAGE_TOKENS = 10_000;
/** Speech at 4 kbit/s is 500 bytes a second; 32 tokens for it are the most that is documented. */
const AUDIO_BYTES_PER_TOKEN = 12;
/** Audio whose size cannot be seen, behind an address or in a stream: an hour at 32 tokens a second. */
const UNSEEN_AUDIO_TOKENS = 115_200;

/** An upper bound of tokens: one a byte of UTF-8, and a few around each text. */
export function textTokens(...texts: readonly unknown[]): number {
  let tokens = REQUEST_TOKENS;
  for (const text of texts) tokens += typeof text === "string" ? Buffer.byteLength(text) + 16 : 0;
  return tokens;
}

/** An upper bound of the tokens of whatever JSON can write; what it cannot write counts as unseen. */
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
  const bytes = typeof audio === "string" ? audio.length : fieldsOf(audio)["byteLength"];
  if (typeof bytes !== "number") return UNSEEN_AUDIO_TOKENS;
  return REQUEST_TOKENS + Math.ceil(bytes / AUDIO_BYTES_PER_TOKEN);
}
