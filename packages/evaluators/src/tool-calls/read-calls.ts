import type { EvaluatorInput } from "../evaluator.ts";
import { isPending, isRecord, read } from "../shape.ts";

const MAX_CALLS = 1_000;
const MAX_VISITED = 20_000;
const MAX_DEPTH = 20;
const MAX_ARGUMENTS = 262_144;

/** A tool call, whatever framework wrote it. */
export interface ToolCall {
  readonly name: string;
  /** Undefined when the arguments are text that is no JSON. */
  readonly arguments: unknown;
}

/**
 * The tool calls of an evaluation, in order: the call itself for an evaluator of tools, else
 * `metadata.toolCalls`, else those in the output, as the AI SDK, LangChain, OpenAI, Anthropic,
 * Gemini and Bedrock write them. Undefined when there is nowhere to look.
 * @throws {TypeError} when an entry of `metadata.toolCalls` is nothing of the sort: to leave it out
 * would say that it was not called.
 */
export function readCalls(given: EvaluatorInput): readonly ToolCall[] | undefined {
  if (given.on === "tool" && given.record !== undefined) {
    return [{ name: given.record.name, arguments: given.input }];
  }
  const listed = read(given.metadata, "toolCalls");
  if (Array.isArray(listed)) return listed.flatMap(callsOf);
  const place = listed ?? given.output;
  if (typeof place !== "object" || place === null || isPending(place)) return undefined;
  const found: ToolCall[] = [];
  visit(place, found, { visited: 0 }, 0);
  return found;
}

/** An entry of a list of calls; it may be a name alone: `"search"`, `{ name: "search" }`. */
function callsOf(entry: unknown): readonly ToolCall[] {
  const found: ToolCall[] = [];
  visit(entry, found, { visited: 0 }, 0);
  if (found.length > 0 || read(entry, "role") !== undefined) return found;
  const name = nameOf(entry);
  if (name !== undefined) return isResult(entry) ? [] : [{ name, arguments: {} }];
  const isKnown = read(entry, "type") !== undefined || NESTED.some((key) => read(entry, key));
  if (!isKnown) throw new TypeError("no tool call");
  return found;
}

/** The name of a call in any framework's words; undefined for what is none. */
export function nameOf(call: unknown): string | undefined {
  if (typeof call === "string") return call;
  const inner = innerOf(call);
  const name = read(inner, "toolName") ?? read(inner, "name");
  if (typeof name === "string") return name;
  const type = read(call, "type"); // a part of the AI SDK's messages for pages: `tool-search`
  const isPart = typeof type === "string" && type.startsWith("tool-");
  return isPart && read(call, "toolCallId") !== undefined ? type.slice(5) : undefined;
}

/** Where OpenAI, Gemini and Bedrock keep what is called with what, inside of a call. */
const INNER = ["function", "functionCall", "toolUse"] as const;

function innerOf(call: unknown): unknown {
  return INNER.map((key) => read(call, key)).find((held) => held != null) ?? call;
}

const CALL_TYPES: readonly unknown[] = ["tool-call", "tool_call", "tool_use", "function_call"];

/** Where frameworks keep calls, or what holds them. */
const NESTED = [
  "tool_calls",
  "toolCalls",
  "function_call", // OpenAI's before there were tools
  "content",
  "message",
  "messages",
  "steps",
  "choices",
  "parts",
  "candidates",
  "kwargs",
  "output",
];

function visit(value: unknown, found: ToolCall[], count: { visited: number }, depth: number): void {
  if (depth > MAX_DEPTH || ++count.visited > MAX_VISITED || found.length > MAX_CALLS) {
    throw new RangeError("too many tool calls");
  }
  if (Array.isArray(value)) {
    for (const part of value) visit(part, found, count, depth + 1);
    return;
  }
  const call = toCall(value);
  if (call !== undefined) {
    found.push(call);
    return;
  }
  const broken = read(value, "invalid_tool_calls"); // LangChain's, whose arguments are no JSON
  if (Array.isArray(broken)) visit(broken, found, count, depth + 1);
  for (const key of NESTED) {
    const held = read(value, key);
    if (typeof held === "object" && held !== null) {
      visit(held, found, count, depth + 1);
      return; // a message has its calls once more among its content
    }
  }
}

/** The AI SDK writes a tool that failed as the call once more, under another type. */
const RESULT_TYPES: readonly unknown[] = ["tool-result", "tool_result", "tool-error"];

function isResult(value: unknown): boolean {
  return RESULT_TYPES.includes(read(value, "type"));
}

function toCall(value: unknown): ToolCall | undefined {
  if (isResult(value) || read(value, "role") !== undefined) return undefined;
  const name = nameOf(value);
  if (name === undefined || typeof value === "string") return undefined;
  const inner = innerOf(value);
  for (const key of ["arguments", "args", "input"]) {
    const given = read(inner, key);
    if (given !== undefined) return { name, arguments: toArguments(given) };
  }
  return isCall(value) ? { name, arguments: {} } : undefined;
}

/** Whether it says that it is a call: one without arguments may have no field for them (Gemini). */
function isCall(value: unknown): boolean {
  const isInner = INNER.some((key) => isRecord(read(value, key)));
  return isInner || CALL_TYPES.includes(read(value, "type"));
}

function toArguments(given: unknown): unknown {
  if (typeof given !== "string") return given;
  if (given.length > MAX_ARGUMENTS) return undefined;
  if (given.trim() === "") return {}; // a call without arguments, as streams write it
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined;
  }
}
