import type { EvaluatorInput } from "../evaluator.ts";
import { isRecord, read } from "../shape.ts";
import { messagesOf, readQuestion, roleOf } from "../text/messages.ts";
import { readContext } from "../text/read-context.ts";
import { readAnswer } from "../text/read-text.ts";

/** What an evaluator of another library can be unable to do without. */
export type BagField = "input" | "expected" | "context";

/** Under every name that libraries read a field by. Absent fields are absent, not undefined. */
export type EvaluationBag = Readonly<Record<string, unknown>>;

/** Where a field is handed over. `output` is always there. */
export const FIELD_NAMES: Readonly<Record<BagField | "output" | "metadata", readonly string[]>> = {
  input: ["input", "inputs"],
  output: ["output", "outputs"],
  expected: ["expected", "expectedOutput", "referenceOutputs", "reference_outputs", "reference"],
  context: ["context"],
  metadata: ["metadata"],
};

/** A bag, or why there is nothing to judge. */
export type ReadBag =
  | { readonly kind: "bag"; readonly bag: EvaluationBag }
  | { readonly kind: "none"; readonly reason: string };

/** How messages and content parts are handed over. */
export type BagValues = "text" | "as-given";

/** Lays out what there is to judge under the names of every library. */
export function toBag(
  given: EvaluatorInput,
  required: readonly BagField[],
  values: BagValues,
): ReadBag {
  const output = readAnswer(given);
  if (output.kind === "none") return output;
  const context = readContext(given);
  const fields: Readonly<Record<keyof typeof FIELD_NAMES, unknown>> = {
    input: values === "text" ? textOfInput(given.input) : given.input,
    output: values === "text" && isMessageLike(given.output) ? output.text : given.output,
    expected: given.expected,
    context: context.kind === "text" ? context.text : undefined,
    metadata: isRecord(given.metadata) ? given.metadata : undefined,
  };
  for (const field of required) {
    if (isPresent(fields[field])) continue;
    const why = field === "context" && context.kind === "none" ? context.reason : `no ${field}`;
    return { kind: "none", reason: why };
  }
  const entries = Object.entries(fields).flatMap(([field, value]) =>
    isPresent(value) ? FIELD_NAMES[field as BagField].map((name) => [name, value] as const) : [],
  );
  return { kind: "bag", bag: Object.fromEntries(entries) };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Of a conversation what the user asked last. */
function textOfInput(input: unknown): unknown {
  const [first] = messagesOf(input);
  if (roleOf(first) === undefined) return input;
  const question = readQuestion(input);
  return question.kind === "text" ? question.text : undefined;
}

/** Messages and content parts, as frameworks answer them. Other data stays data. */
function isMessageLike(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isTyped);
  if (isRecord(read(value, "message")) || Array.isArray(read(value, "content"))) return true;
  return typeof read(value, "role") === "string" || typeof read(value, "getType") === "function";
}

function isTyped(part: unknown): boolean {
  return roleOf(part) !== undefined;
}
