import { CONTEXT_FIELDS } from "@burnrate/core/adapter";
import type { EvaluatorInput } from "../evaluator.ts";
import { isRecord, read } from "../shape.ts";
import { toolResultsOf } from "./messages.ts";
import { type ReadText, readText } from "./read-text.ts";

/** The longest context that is read, in UTF-16 code units. */
export const MAX_CONTEXT = 1_048_576;
const MISSING: ReadText = { kind: "none", reason: "no context to compare with" };
const EMPTY: ReadText = { kind: "none", reason: "the context is empty", isEmpty: true };
const TOO_LONG: ReadText = {
  kind: "none",
  reason: `the context has more than ${MAX_CONTEXT} characters`,
};

/**
 * The texts that the answer may rely on: `context`, else `metadata.context`, else the `sources`
 * that a guard gathered and what tools answered in the messages of `input`. The question itself is
 * no evidence.
 */
export function readContext(given: EvaluatorInput): ReadText {
  for (const held of [given.context, read(given.metadata, "context")]) {
    if (isText(held)) return readEach(held);
  }
  const gathered = gatheredOf(given);
  return gathered.length === 0 ? MISSING : readEach(gathered);
}

/** Each document by itself: data among texts is read as well. */
function readEach(held: unknown): ReadText {
  if (!Array.isArray(held)) return readText(held, "the context", MAX_CONTEXT);
  const texts: string[] = [];
  let length = 0;
  for (const document of held as readonly unknown[]) {
    if (document === undefined || document === null) continue;
    const found = readText([document], "the context", MAX_CONTEXT);
    if (found.kind === "none" && found.isEmpty !== true) return found;
    if (found.kind === "none") continue;
    texts.push(found.text);
    length += found.text.length + 1;
    if (length > MAX_CONTEXT + 1) return TOO_LONG;
  }
  if (texts.length === 0) return EMPTY;
  return { kind: "text", text: texts.join("\n") };
}

/** A text that stands in both is read once. */
function gatheredOf(given: EvaluatorInput): readonly unknown[] {
  const texts = (given.sources ?? []).flatMap(({ text }) => (text === "" ? [] : [text]));
  const results = toolResultsOf(given.input);
  if (texts.length === 0) return results;
  const known = new Set(texts);
  return [...texts, ...results.filter((result) => !known.has(textOf(result)))];
}

function textOf(result: unknown): string {
  const held = readText(result, "the result", MAX_CONTEXT);
  return held.kind === "text" ? held.text : "";
}

function isText(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (Array.isArray(value)) return value.length > 0;
  // Core's call context, which a guard hands to every evaluator, is no text.
  return isRecord(value) && Object.keys(value).some((key) => !CONTEXT_FIELDS.includes(key));
}
