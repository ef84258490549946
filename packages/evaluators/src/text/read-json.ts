import type { EvaluatorInput } from "../evaluator.ts";
import { isRecord, read } from "../shape.ts";
import { isTextPart, isThought, isTurn, type NoText, readAnswer } from "./read-text.ts";

const FENCED = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*)\n[ \t]*```\s*$/iu;

/** Data that an output holds, or why there is none. */
export type ReadJson =
  | { readonly kind: "data"; readonly data: unknown }
  | { readonly kind: "invalid"; readonly reason: string }
  | NoText;

/**
 * Reads JSON text, or takes data that is no text of a framework as it is. Of a result of MCP that is
 * its `structuredContent`, whatever its text says to people. In `{ value: "42", unit }`
 * the 42 is a field, and no answer in JSON.
 */
export function readJson(given: EvaluatorInput, allowFence: boolean): ReadJson {
  const { output } = given;
  const structured = read(output, "structuredContent");
  if (isRecord(structured) && Array.isArray(read(output, "content"))) {
    return { kind: "data", data: structured };
  }
  const text = readAnswer(given);
  if (text.kind === "none") return text;
  const inner = allowFence ? (FENCED.exec(text.text)?.[1] ?? text.text) : text.text;
  try {
    const data: unknown = JSON.parse(inner);
    const isField = typeof data !== "object" || data === null;
    return { kind: "data", data: isField && isData(output) && !isTextPart(output) ? output : data };
  } catch {
    // Data with a field named `text` or `content` reads as text: it is data all the same.
    if (isData(output)) return { kind: "data", data: output };
    return { kind: "invalid", reason: "the output is no JSON" };
  }
}

/** Lists that answers of providers and results of agents have, and what tells theirs from others. */
const LISTS: Readonly<Record<string, (item: unknown) => boolean>> = {
  messages: isMessage,
  choices: (item) => read(item, "message") !== undefined,
  candidates: (item) => read(item, "content") !== undefined,
  steps: (item) => Array.isArray(read(item, "content")) || Array.isArray(read(item, "toolCalls")),
};

/** Whether an output is data of the application, and no message, part or result of a framework. */
export function isData(output: unknown): boolean {
  if (Array.isArray(output)) {
    return !output.some((item) => isMessage(item) || isTextPart(item) || isThought(item));
  }
  const content = read(output, "content");
  const holdsParts = Array.isArray(content) && content.some(isTextPart);
  const isResult = Object.entries(LISTS).some(([key, isItem]) => {
    const list = read(output, key);
    return Array.isArray(list) && list.some(isItem);
  });
  return isRecord(output) && !isMessage(output) && !holdsParts && !isResult;
}

/** A message, those of LangChain among them, or a part that says that it is one. */
function isMessage(value: unknown): boolean {
  return isTurn(value) || (read(value, "type") !== undefined && isTextPart(value));
}
