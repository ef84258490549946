import type { EvaluatorInput } from "../evaluator.ts";
import { read } from "../shape.ts";
import { messagesOf, roleOf } from "./messages.ts";
import { type ReadText, readText } from "./read-text.ts";

/** The longest context that is read, in UTF-16 code units. */
export const MAX_CONTEXT = 1_048_576;
const MISSING: ReadText = { kind: "none", reason: "no context to compare with" };
/** By these a document is known; core's call context has none of them. */
const DOCUMENT_KEYS = ["pageContent", "text", "content"];

/**
 * The texts that the answer may rely on: `context`, else `metadata.context`, else what tools
 * answered in the messages of `input`. The question itself is no evidence.
 */
export function readContext(given: EvaluatorInput): ReadText {
  for (const held of [given.context, read(given.metadata, "context")]) {
    if (isText(held)) return readText(held, "the context", MAX_CONTEXT);
  }
  const results = messagesOf(given.input).filter((message) => roleOf(message) === "tool");
  return results.length === 0 ? MISSING : readText(results, "the context", MAX_CONTEXT);
}

function isText(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (Array.isArray(value)) return value.length > 0;
  return DOCUMENT_KEYS.some((key) => read(value, key) !== undefined);
}
