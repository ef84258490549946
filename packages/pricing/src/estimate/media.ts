import { FILE_TOKENS, IMAGE_TOKENS, MAX_FILE_TOKENS, MEDIA_BYTES_PER_TOKEN } from "./bounds.ts";
import { jsonBytes, textBytes } from "./json-bytes.ts";

/** How a part of a message is counted. */
export type MediaKind = "image" | "audio" | "text" | "file";

type Fields = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, MediaKind>> = {
  image: "image",
  "image-data": "image",
  "image-file-id": "image",
  "image-url": "image",
  image_url: "image",
  input_image: "image",
  audio: "audio",
  input_audio: "audio",
  video: "audio",
  document: "file",
  file: "file",
  "file-data": "file",
  "file-id": "file",
  "file-url": "file",
  input_file: "file",
  media: "file",
  "reasoning-file": "file",
};

/** Where frameworks and providers put the type of what they carry. */
const MIME_KEYS = ["mediaType", "mimeType", "mime_type", "media_type", "contentType"];

/** Where they put the bytes, or the address or id of the bytes. */
const PAYLOAD_KEYS = new Set([
  "audio",
  "base64",
  "bytes",
  "data",
  "document",
  "file",
  "file_data",
  "file_id",
  "file_url",
  "fileData",
  "fileId",
  "fileUri",
  "id",
  "image",
  "image_url",
  "imageUrl",
  "inlineData",
  "input_audio",
  "source",
  "uri",
  "url",
  "video",
]);

/** What kind of file a content part carries; undefined when it carries none. */
export function mediaKind(part: Fields): MediaKind | undefined {
  const type = part["type"];
  const byType = typeof type === "string" ? kindOfType(type) : untypedKind(part);
  return byType === undefined ? undefined : (mimeKind(part) ?? byType);
}

function kindOfType(type: string): MediaKind | undefined {
  if (type === "text") return undefined; // most of them
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** Gemini's and Bedrock's parts have no type, only a key. */
function untypedKind(part: Fields): MediaKind | undefined {
  if (isObject(part["inlineData"]) || isObject(part["fileData"])) return "file";
  if (isObject(part["image"])) return "image";
  return isObject(part["document"]) || isObject(part["video"]) ? "file" : undefined;
}

function mimeKind(part: Fields): MediaKind | undefined {
  for (const held of [part, part["source"], part["file"], part["inlineData"], part["fileData"]]) {
    if (!isObject(held)) continue;
    const mime = MIME_KEYS.map((key) => held[key]).find((value) => typeof value === "string");
    if (typeof mime === "string") return kindOfMime(mime);
  }
  return undefined;
}

function kindOfMime(mime: string): MediaKind {
  if (mime.startsWith("image")) return "image";
  if (mime.startsWith("audio/") || mime.startsWith("video/")) return "audio";
  return mime.startsWith("text/") || mime === "application/json" ? "text" : "file";
}

/** What was found in a part: bytes of a payload that is in the part itself, and all other text. */
interface Found {
  payload: number | undefined;
  text: number;
}

/** Tokens of a part that carries a file: the file once, and every other field as text. */
export function mediaTokens(part: Fields, kind: MediaKind): number {
  const found: Found = { payload: undefined, text: 0 };
  collect(part, found, 0);
  return found.text + fileTokens(kind, found.payload);
}

function fileTokens(kind: MediaKind, bytes: number | undefined): number {
  if (kind === "image") return IMAGE_TOKENS;
  if (bytes === undefined) return FILE_TOKENS;
  if (kind === "text") return bytes;
  if (kind === "audio") return Math.min(Math.ceil(bytes / MEDIA_BYTES_PER_TOKEN), MAX_FILE_TOKENS);
  return Math.min(Math.max(bytes, FILE_TOKENS), MAX_FILE_TOKENS);
}

const MAX_NESTED = 4;

function collect(part: Fields, found: Found, depth: number): void {
  for (const key of Object.keys(part)) {
    const value = part[key];
    if (PAYLOAD_KEYS.has(key)) collectPayload(key, value, found, depth);
    else found.text += jsonBytes(value) + key.length + 4;
  }
}

function collectPayload(key: string, value: unknown, found: Found, depth: number): void {
  const bytes = payloadBytes(key, value);
  if (bytes !== undefined) found.payload = (found.payload ?? 0) + bytes;
  else if (isNested(value) && depth < MAX_NESTED) collect(value, found, depth + 1);
  else if (!(value instanceof URL)) found.text += jsonBytes(value);
}

const ADDRESS = /^(?:https?|gs|s3|file|ftp):/i;

/** Keys that hold contents; under the others a short text is an address or an id. */
const CONTENT_KEYS = new Set(["base64", "bytes", "data", "file_data"]);

/** Size of contents that are in the part itself; undefined for an address or an id. */
function payloadBytes(key: string, value: unknown): number | undefined {
  if (typeof value === "string") {
    const isContent = CONTENT_KEYS.has(key) || value.length >= 256 || value.startsWith("data:");
    // Base64 counts at its own length: a third more than the file, and a bound when it is text.
    return isContent && !ADDRESS.test(value) ? textBytes(value) : undefined;
  }
  const isBinary = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return isBinary ? value.byteLength : undefined;
}

function isNested(value: unknown): value is Fields {
  return isObject(value) && !(value instanceof URL) && !Array.isArray(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
