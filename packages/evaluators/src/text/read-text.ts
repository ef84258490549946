import type { EvaluatorInput } from "../evaluator.ts";
import { isPending, read } from "../shape.ts";

/** The longest text that any rule reads, in UTF-16 code units. Longer is inconclusive, not cut. */
export const MAX_TEXT = 262_144;
const MAX_NODES = 20_000;
const MAX_DEPTH = 100;
/** Where adapters and frameworks keep the text of an answer or a document, the most usual first. */
const TEXT_KEYS = ["text", "content", "pageContent", "value", "output_text", "output"] as const;
/** Where providers keep lists of messages or parts. */
const LIST_KEYS = ["parts", "choices", "candidates"] as const;
/** Something that a reader could see: not only spaces, controls and halves of characters. */
const VISIBLE = /[^\s\p{C}]/u;

/** A text, or why there is none to judge. */
export type ReadText = { readonly kind: "text"; readonly text: string } | NoText;

/** Why there is no text. `isEmpty`: all of it was read, and it says nothing. */
export interface NoText {
  readonly kind: "none";
  readonly reason: string;
  readonly isEmpty?: true;
}

/**
 * Reads the text of a value: a string; the text parts of content parts, messages and tool results;
 * the JSON of other data. Bounded: it looks at no more than `maxLength` characters and 20,000
 * values, so what an attacker sends costs what a page costs.
 */
export function readText(
  value: unknown,
  what: string,
  maxLength: number = MAX_TEXT,
  isAnswer = false,
): ReadText {
  if (value === undefined || value === null) return { kind: "none", reason: `${what} is missing` };
  try {
    const text = typeof value === "string" ? value : collect(value, maxLength, isAnswer);
    if (text.length > maxLength) throw new RangeError();
    return VISIBLE.test(text)
      ? { kind: "text", text }
      : { kind: "none", reason: `${what} is empty`, isEmpty: true };
  } catch (error) {
    const tooLong = error instanceof RangeError;
    const why = tooLong ? `has more than ${maxLength} characters` : "cannot be read";
    return { kind: "none", reason: `${what} ${why}` };
  }
}

/**
 * Reads the output that is judged. A model's text parts are one text, as its reader sees them: a
 * provider cuts an answer anywhere, and a leak in two parts is a leak. Those of a tool are apart. An
 * answer of a model without any part is empty, and not the data `[]`.
 */
export function readAnswer(
  { output, on }: Pick<EvaluatorInput, "output" | "on">,
  maxLength: number = MAX_TEXT,
): ReadText {
  const answer = on === "model" && isEmptyList(output) ? "" : output;
  return readText(answer, "the output", maxLength, on !== "tool");
}

/** Text parts one a line; data without any as JSON. */
function collect(value: unknown, maxLength: number, isAnswer: boolean): string {
  const parts: string[] = [];
  const budget = { nodes: MAX_NODES, length: maxLength, isAnswer };
  if (gather(value, parts, budget, 0)) return parts.join("\n");
  measure(value, { nodes: MAX_NODES, length: maxLength });
  const json = JSON.stringify(value);
  if (json === "null") throw new TypeError("no value of JSON"); // NaN, an invalid date
  return json ?? "";
}

interface Budget {
  nodes: number;
  length: number;
  /** Whether text parts are one text, as a model says it. */
  readonly isAnswer?: boolean;
}

/** Whether something is a text part as providers write it; Gemini's has a text and nothing else. */
export function isTextPart(value: unknown): boolean {
  const type = read(value, "type");
  if (type !== undefined) return type === "text" || type === "output_text";
  return typeof read(value, "text") === "string" && isBare(value as object);
}

/** Not a row of data, of which a text is one field. */
function isBare(part: object): boolean {
  return Object.keys(part).every((key) => key === "text" || key.startsWith("thought"));
}

/** @throws {RangeError} when the value is larger than anything that is judged. */
function spend(budget: Budget, length: number): void {
  budget.nodes--;
  budget.length -= length;
  if (budget.nodes < 0 || budget.length < 0) throw new RangeError();
}

/** What is not there yet says nothing, and least of all that all is well. */
function refusePending(value: object): void {
  if (isPending(value)) throw new TypeError("a promise, a stream or a response");
}

/** A Map, an Error or the like: as JSON it would be `{}`, which says that all is well. */
function isSealed(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  return !isPlain && typeof (value as { toJSON?: unknown }).toJSON !== "function";
}

/** Whether the value is made as texts are; a tool call or an image among them adds nothing. */
function gather(value: unknown, parts: string[], budget: Budget, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new RangeError();
  if (typeof value === "string") {
    spend(budget, value.length);
    parts.push(value);
    return true;
  }
  spend(budget, 0);
  if (typeof value !== "object" || value === null) return false;
  refusePending(value);
  if (Array.isArray(value)) return gatherList(value, parts, budget, depth);
  if (isThought(value) || (budget.isAnswer && isEmptyTurn(value))) return true;
  const { output } = value as { output?: unknown };
  if (isJson(output)) return gatherJson(read(output, "value"), parts, budget);
  return gatherObject(value as Record<string, unknown>, parts, budget, depth);
}

function gatherList(
  list: readonly unknown[],
  parts: string[],
  budget: Budget,
  depth: number,
): boolean {
  let found = false;
  let last = -1; // where the text is that a text part goes on
  for (const part of list) {
    const at = parts.length;
    found = gather(part, parts, budget, depth + 1) || found;
    if (!budget.isAnswer || !isTextPart(part) || parts.length !== at + 1) continue;
    if (last >= 0 && last === at - 1) parts[last] += parts.pop() ?? "";
    else last = at;
  }
  return found || (list.length > 0 && list.every(isPart));
}

function gatherObject(
  value: Record<string, unknown>,
  parts: string[],
  budget: Budget,
  depth: number,
): boolean {
  if ("message" in value && typeof value["message"] === "object") {
    return gather(value["message"], parts, budget, depth + 1);
  }
  const { messages } = value;
  if (Array.isArray(messages) && messages.length > 0) {
    return gather(messages.at(-1), parts, budget, depth + 1); // what an agent returns: the last is its answer
  }
  for (const key of TEXT_KEYS) {
    const held = value[key];
    if (key === "content" && isParts(held)) return gather(held, parts, budget, depth + 1);
    if (typeof held === "string" || Array.isArray(held) || (key === "output" && isPart(held))) {
      return gather(held, parts, budget, depth + 1);
    }
  }
  const list = LIST_KEYS.map((key) => value[key]).find(isListOfObjects);
  return list !== undefined && gather(list, parts, budget, depth + 1);
}

/** What a tool returned, as the AI SDK's messages have it when it is no text. */
function isJson(held: unknown): boolean {
  const type = read(held, "type");
  return type === "json" || type === "error-json";
}

function gatherJson(value: unknown, parts: string[], budget: Budget): boolean {
  measure(value, budget);
  parts.push(JSON.stringify(value) ?? "");
  return true;
}

/** A message of a conversation, those of LangChain among them. */
export function isTurn(value: unknown): boolean {
  return typeof read(value, "role") === "string" || typeof read(value, "getType") === "function";
}

/** A model's message without a part; an application's row may have a role and no content, too. */
function isEmptyTurn(value: unknown): boolean {
  const role = read(value, "role");
  const isAnswer = role === "assistant" || (role === undefined && isTurn(value));
  const isRefusal = typeof read(value, "refusal") === "string";
  return isAnswer && !isRefusal && isEmptyList(read(value, "content"));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What a model thought and did not say. */
export function isThought(value: unknown): boolean {
  const type = read(value, "type");
  return type === "reasoning" || type === "thinking";
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === "object";
}

/** Gemini's content: `{ role, parts }`. */
function isParts(value: unknown): boolean {
  return typeof value === "object" && value !== null && "parts" in value;
}

/** Content parts say what they are; a tool call among them is no text and no other data either. */
function isPart(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value;
}

/** Walks without recursion, so that JSON nested a million deep is too large and not a crash. */
function measure(value: unknown, budget: Budget): void {
  const waiting: [unknown, number][] = [[value, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [held, depth] = next;
    spend(budget, typeof held === "string" ? held.length : 0);
    if (typeof held !== "object" || held === null) continue;
    if (depth > MAX_DEPTH) throw new RangeError();
    refusePending(held);
    if (ArrayBuffer.isView(held)) throw new TypeError("bytes, which say nothing as numbers");
    const keys = Object.keys(held);
    if (keys.length === 0 && isSealed(held)) throw new TypeError("its content is not to be seen");
    for (const key of keys) {
      spend(budget, key.length);
      waiting.push([(held as Record<string, unknown>)[key], depth + 1]);
    }
  }
}
