import type { EvaluatorInput } from "../evaluator.ts";
import { keysOf } from "../facts/fact.ts";
import { numbersIn } from "../facts/numbers.ts";
import { isRecord, read } from "../shape.ts";
import { findParts } from "../text/find-parts.ts";
import { foldCase } from "../text/fold-case.ts";
import { messagesOf } from "../text/messages.ts";
import { readText } from "../text/read-text.ts";
import type { ToolCall } from "./read-calls.ts";

const MAX_VALUES = 200;

/** How many argument values there are, and how many of them nobody said. */
export interface SeenValues {
  readonly values: number;
  readonly unseen: number;
}

/**
 * Compares texts and numbers among the arguments with the conversation. Values that the schema
 * lists (`enum`, `const`, `default`) need not be said. Undefined without a conversation.
 */
export function seenValues(
  given: EvaluatorInput,
  calls: readonly ToolCall[],
  schemaOf: (name: string) => unknown,
): SeenValues | undefined {
  const messages = messagesOf(given.input);
  const said = readText(messages.length > 0 ? messages : given.input, "the conversation");
  if (said.kind === "none" || given.on === "tool") return undefined;
  const folded = foldCase(said.text);
  const numbers = keysOf(numbersIn(said.text));
  const values = calls
    .flatMap((call) => scalarsOf(call.arguments, schemaOf(call.name)))
    .slice(0, MAX_VALUES)
    .map((value) => (typeof value === "number" ? value : foldCase(value.trim())));
  const texts = findParts(
    folded,
    values.filter((value) => typeof value === "string"),
  );
  const unseen = values.filter((value) =>
    typeof value === "number" ? !numbers.has(String(Math.abs(value))) : !texts.has(value),
  );
  return { values: values.length, unseen: unseen.length };
}

function scalarsOf(given: unknown, schema: unknown): (string | number)[] {
  if (!isRecord(given)) return [];
  const properties = read(read(schema, "jsonSchema") ?? schema, "properties");
  return Object.entries(given).flatMap(([key, value]) => {
    const listed = read(properties, key);
    const items = Array.isArray(value) ? (value as unknown[]) : [value];
    return items.filter(
      (item): item is string | number => isScalar(item) && !isListed(listed, item),
    );
  });
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "");
}

function isListed(schema: unknown, value: unknown): boolean {
  const words = read(schema, "enum");
  const isWord = Array.isArray(words) && words.includes(value);
  return isWord || read(schema, "const") === value || read(schema, "default") === value;
}
