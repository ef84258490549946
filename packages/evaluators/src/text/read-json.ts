import type { EvaluatorInput } from "../evaluator.ts";
import { isRecord } from "../shape.ts";
import { type NoText, readAnswer } from "./read-text.ts";

const FENCED = /^\s*```(?:json)?[ \t]*\n([\s\S]*)\n[ \t]*```\s*$/u;

/** Data that an output holds, or why there is none. */
export type ReadJson =
  | { readonly kind: "data"; readonly data: unknown }
  | { readonly kind: "invalid"; readonly reason: string }
  | NoText;

/** Reads JSON text, or takes data that is no text of a framework as it is. */
export function readJson(given: EvaluatorInput, allowFence: boolean): ReadJson {
  const { output } = given;
  const text = readAnswer(given);
  if (text.kind === "none") return text;
  const inner = allowFence ? (FENCED.exec(text.text)?.[1] ?? text.text) : text.text;
  try {
    return { kind: "data", data: JSON.parse(inner) as unknown };
  } catch {
    // Data with a field named `text` or `content` reads as text: it is data all the same.
    if (isRecord(output)) return { kind: "data", data: output };
    return { kind: "invalid", reason: "the output is no JSON" };
  }
}
