import type { EvaluatorInput } from "../evaluator.ts";
import { read } from "../shape.ts";
import { readQuestion } from "../text/messages.ts";
import { MAX_CONTEXT, readContext } from "../text/read-context.ts";
import { type ReadText, readAnswer, readText } from "../text/read-text.ts";
import { readCalls } from "../tool-calls/read-calls.ts";
import type { RubricNeed } from "./rubric.ts";

/** A text that is judged or that it is judged by, with its name. Nobody vouches for it. */
export interface Material {
  readonly name: string;
  readonly text: string;
}

/** Everything that the judge must see, or why it cannot. */
export type ReadMaterial =
  | { readonly kind: "material"; readonly material: readonly Material[] }
  | { readonly kind: "none"; readonly reason: string };

const READERS: Readonly<Record<RubricNeed, (given: EvaluatorInput) => ReadText>> = {
  input: ({ input }) => readQuestion(input),
  context: readContext,
  expected: ({ expected }) => readText(expected, "the expected answer", MAX_CONTEXT),
  tools: readToolList,
  toolCalls: readCallList,
};

/**
 * Reads the output and what the rubric needs. Nothing is cut: a text over `maxChars` is none, with
 * its length. An answer that calls tools may have no text.
 */
export function readMaterial(
  given: EvaluatorInput,
  needs: readonly RubricNeed[],
  maxChars: number,
): ReadMaterial {
  const material: Material[] = [];
  const add = (name: string, found: ReadText): string | undefined => {
    if (found.kind === "none") return found.reason;
    const { length } = found.text;
    if (length > maxChars) return `${name} has ${length} characters, more than ${maxChars}`;
    material.push({ name, text: found.text });
    return undefined;
  };
  for (const need of needs) {
    const reason = add(need, readNeed(need, given));
    if (reason !== undefined) return { kind: "none", reason };
  }
  const output = readAnswer(given, MAX_CONTEXT);
  const isSilent = output.kind === "none" && (output.isEmpty ?? (given.output ?? null) === null);
  if (isSilent && needs.includes("toolCalls")) return { kind: "material", material };
  const reason = add("output", output);
  return reason === undefined ? { kind: "material", material } : { kind: "none", reason };
}

/** Circular data and calls in nobody's shape are no text. */
function readNeed(need: RubricNeed, given: EvaluatorInput): ReadText {
  try {
    return READERS[need](given);
  } catch {
    return { kind: "none", reason: `${need} cannot be read` };
  }
}

function readToolList({ metadata, input }: EvaluatorInput): ReadText {
  const tools = read(metadata, "tools") ?? read(input, "tools");
  return writeJson(tools, "no tools to choose from");
}

function readCallList(given: EvaluatorInput): ReadText {
  const calls = readCalls(given);
  return writeJson(calls?.length === 0 ? undefined : calls, "no tool call to judge");
}

function writeJson(value: unknown, missing: string): ReadText {
  const text = value === undefined ? undefined : JSON.stringify(value);
  return text === undefined ? { kind: "none", reason: missing } : { kind: "text", text };
}
