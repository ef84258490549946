import type { EvaluatorInput } from "../evaluator.ts";
import { isPending, read } from "../shape.ts";

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
 * `metadata.toolCalls`, else those in the output, as the AI SDK, LangChain, OpenAI and Anthropic
 * write them. Undefined when there is nowhere to look.
 */
export function readCalls(given: EvaluatorInput): readonly ToolCall[] | undefined {
  if (given.on === "tool" && given.record !== undefined) {
    return [{ name: given.record.name, arguments: given.input }];
  }
  const listed = read(given.metadata, "toolCalls");
  if (Array.isArray(listed) && listed.every(isNamed)) return listed.map(toNamed);
  const place = listed ?? given.output;
  if (typeof place !== "object" || place === null || isPending(place)) return undefined;
  const found: ToolCall[] = [];
  visit(place, found, { visited: 0 }, 0);
  return found;
}

/** A name alone, which a list of calls may hold: `"search"`, `{ name: "search" }`. */
function isNamed(value: unknown): boolean {
  return nameOf(value) !== undefined && toCall(value) === undefined;
}

function toNamed(value: unknown): ToolCall {
  return { name: nameOf(value) ?? "", arguments: {} };
}

/** The name of a call in any framework's words; undefined for what is none. */
export function nameOf(call: unknown): string | undefined {
  if (typeof call === "string") return call;
  const inner = read(call, "function") ?? read(call, "functionCall") ?? call;
  const name = read(inner, "toolName") ?? read(inner, "name");
  if (typeof name === "string") return name;
  const type = read(call, "type"); // a part of the AI SDK's messages for pages: `tool-search`
  const isPart = typeof type === "string" && type.startsWith("tool-");
  return isPart && read(call, "toolCallId") !== undefined ? type.slice(5) : undefined;
}

/** Where frameworks keep calls, or what holds them. */
const NESTED = [
  "tool_calls",
  "toolCalls",
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
  for (const key of NESTED) {
    const held = read(value, key);
    if (typeof held === "object" && held !== null) {
      visit(held, found, count, depth + 1);
      return; // a message has its calls once more among its content
    }
  }
}

function toCall(value: unknown): ToolCall | undefined {
  const type = read(value, "type");
  if (type === "tool-result" || type === "tool_result" || read(value, "role") !== undefined) {
    return undefined;
  }
  const name = nameOf(value);
  if (name === undefined || typeof value === "string") return undefined;
  const inner = read(value, "function") ?? read(value, "functionCall") ?? value;
  for (const key of ["arguments", "args", "input"]) {
    const given = read(inner, key);
    if (given !== undefined) return { name, arguments: toArguments(given) };
  }
  return undefined;
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
