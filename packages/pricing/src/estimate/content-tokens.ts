import { UNBOUNDED_TOKENS, UNREADABLE_TOKENS } from "./bounds.ts";
import { isBinary, jsonBytes } from "./json-bytes.ts";
import type { Measure } from "./measure.ts";
import { mediaKind, mediaTokens } from "./media.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Content inside content: a tool result may carry parts of its own. */
const MAX_NESTED = 6;

/**
 * What a message's content weighs: text as the measure has it, images and files by constants, all
 * else as JSON. Only content parts can be files; inside the arguments of a tool
 * call everything is text, so that a model cannot hide text behind `type: "image"`.
 */
export function contentTokens(content: unknown, measure: Measure, depth = 0): number {
  if (typeof content === "string") return measure.text(content);
  if (!Array.isArray(content)) return partTokens(content, measure, depth);
  let total = 0;
  for (const part of content) total += partTokens(part, measure, depth);
  return total;
}

function partTokens(part: unknown, measure: Measure, depth: number): number {
  if (typeof part === "string") return measure.text(part) + 1;
  if (typeof part !== "object" || part === null) return measure.json(part);
  if (isBinary(part)) return jsonBytes(part);
  try {
    return objectTokens(part as Fields, measure, depth);
  } catch {
    return UNREADABLE_TOKENS;
  }
}

function objectTokens(part: Fields, measure: Measure, depth: number): number {
  const kind = mediaKind(part);
  if (kind !== undefined) {
    measure.files = true;
    return mediaTokens(part, kind);
  }
  let total = measure.frame.part;
  for (const key in part) {
    if (total >= UNBOUNDED_TOKENS) break;
    const value = part[key];
    if (key === "text" && typeof value === "string") total += measure.text(value);
    else if (holdsContent(key, value) && depth < MAX_NESTED) {
      total += nestedTokens(value, measure, depth);
    } else total += measure.field(key, value);
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

function nestedTokens(value: unknown, measure: Measure, depth: number): number {
  return contentTokens(isContentOutput(value) ? value.value : value, measure, depth + 1);
}
