import { CONTEXT_FIELDS } from "@burnrate/core/adapter";
import type { EvaluatorInput } from "../evaluator.ts";
import { isRecord, read } from "../shape.ts";
import { toolResultsOf } from "./messages.ts";
import { type ReadText, readText } from "./read-text.ts";

/** The longest context that is read, in UTF-16 code units. */
export const MAX_CONTEXT = 1_048_576;
const MISSING: ReadText = { kind: "none", reason: "no context to compare with" };

/**
 * The texts that the answer may rely on: `context`, else `metadata.context`, else the `sources`
 * that a guard gathered and what tools answered in the messages of `input`. The question itself is
 * no evidence.
 */
export function readContext(given: EvaluatorInput): ReadText {
  for (const held of [given.context, read(given.metadata, "context")]) {
    if (isText(held)) return readText(held, "the context", MAX_CONTEXT);
  }
  const gathered = gatheredOf(given);
  return gathered.length === 0 ? MISSING : readText(gathered, "the context", MAX_CONTEXT);
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
