import { TOOL_TOKENS, UNBOUNDED_TOKENS, UNREADABLE_TOKENS } from "./bounds.ts";
import { jsonBytes, textBytes } from "./json-bytes.ts";
import { mediaKind, mediaTokens } from "./media.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Content inside content: a tool result may carry parts of its own. */
const MAX_NESTED = 6;

/**
 * An upper bound of a message's content: text by its bytes, images and files by constants, all
 * else by the bytes of its JSON. Only content parts can be files; inside the arguments of a tool
 * call everything is text, so that a model cannot hide text behind `type: "image"`.
 */
export function contentTokens(content: unknown, depth = 0): number {
  if (typeof content === "string") return textBytes(content);
  if (!Array.isArray(content)) return partTokens(content, depth);
  let total = 0;
  for (const part of content) total += partTokens(part, depth);
  return total;
}

function partTokens(part: unknown, depth: number): number {
  if (typeof part === "string") return textBytes(part) + 1;
  if (typeof part !== "object" || part === null) return jsonBytes(part);
  if (ArrayBuffer.isView(part) || part instanceof ArrayBuffer) return jsonBytes(part);
  try {
    return objectTokens(part as Fields, depth);
  } catch {
    return UNREADABLE_TOKENS;
  }
}

function objectTokens(part: Fields, depth: number): number {
  const kind = mediaKind(part);
  if (kind !== undefined) return mediaTokens(part, kind);
  let total = TOOL_TOKENS / 8;
  for (const key of Object.keys(part)) {
    if (total >= UNBOUNDED_TOKENS) break;
    const value = part[key];
    if (key === "text" && typeof value === "string") total += textBytes(value);
    else if (holdsContent(key, value) && depth < MAX_NESTED) total += nestedTokens(value, depth);
    else total += jsonBytes(value) + key.length + 4;
  }
  return total;
}

/** Tool results: Anthropic's `content`, AI SDK's `output: { type: "content", value: [] }`. */
function holdsContent(key: string, value: unknown): boolean {
  if (key === "content") return Array.isArray(value);
  if (key === "toolResult") return typeof value === "object" && value !== null;
  return key === "output" && isContentOutput(value);
}

function isContentOutput(value: unknown): value is { readonly value: readonly unknown[] } {
  const output = value as { readonly type?: unknown; readonly value?: unknown } | null | undefined;
  return output?.type === "content" && Array.isArray(output.value);
}

function nestedTokens(value: unknown, depth: number): number {
  return contentTokens(isContentOutput(value) ? value.value : value, depth + 1);
}
