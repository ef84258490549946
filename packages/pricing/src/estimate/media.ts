import {
  FILE_TOKENS,
  IMAGE_TOKENS,
  MAX_FILE_TOKENS,
  MEDIA_BYTES_PER_TOKEN,
} from "./bounds.ts";
import { jsonBytes, textBytes } from "./json-bytes.ts";

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
  const byType = typeof type === "string" ? TYPES[type] : untypedKind(part);
  return byType === undefined ? undefined : (mimeKind(part) ?? byType);
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

/** Tokens of a part that carries a file: the file once, and every other field as text. */
export function mediaTokens(part: Fields, kind: MediaKind): number {
  let rest = 0;
  let payloadBytes: number | undefined;
  for (const key of Object.keys(part)) {
    const value = part[key];
    if (!PAYLOAD_KEYS.has(key)) {
      rest += jsonBytes(value) + key.length + 3;
      continue;
    }
    const bytes = inlineBytes(value, 0);
    if (bytes !== undefined) payloadBytes = (payloadBytes ?? 0) + bytes;
    else if (kind === "text" && isObject(value)) rest += jsonBytes(value);
  }
  return rest + fileTokens(kind, payloadBytes);
}

function fileTokens(kind: MediaKind, bytes: number | undefined): number {
  if (kind === "image") return IMAGE_TOKENS;
  if (bytes === undefined) return FILE_TOKENS;
  if (kind === "text") return bytes;
  if (kind === "audio") return Math.min(Math.ceil(bytes / MEDIA_BYTES_PER_TOKEN), MAX_FILE_TOKENS);
  return Math.min(Math.max(bytes, FILE_TOKENS), MAX_FILE_TOKENS);
}

const ADDRESS = /^(?:https?|gs|s3|file|ftp|fileid):/i;
const MAX_NESTED = 4;

/** Size of a payload that is in the part itself; undefined for an address or an id. */
function inlineBytes(payload: unknown, depth: number): number | undefined {
  if (typeof payload === "string") return inlineStringBytes(payload);
  if (!isObject(payload) || depth > MAX_NESTED || payload instanceof URL) return undefined;
  if (ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer) return payload.byteLength;
  let total: number | undefined;
  for (const key of Object.keys(payload)) {
    if (!PAYLOAD_KEYS.has(key) && key !== "text") continue;
    const bytes = inlineBytes(payload[key], depth + 1);
    if (bytes !== undefined) total = (total ?? 0) + bytes;
  }
  return total;
}

/** Base64 counts at its own length, a third more than the file: still a bound when it is text. */
function inlineStringBytes(text: string): number | undefined {
  const isReference = text.length < 256 && !text.startsWith("data:");
  return ADDRESS.test(text) || isReference ? undefined : textBytes(text);
}

function isObject(value: unknown): value is Fields & { readonly byteLength?: never } {
  return typeof value === "object" && value !== null;
}
