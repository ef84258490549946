import { read } from "../shape.ts";
import { type ReadText, readText } from "./read-text.ts";

/** Where requests keep their messages, or the one text that is asked. */
const PLACES = ["messages", "prompt", "contents", "input", "question"] as const;

/** The messages of a model call's input, as the AI SDK, LangChain and providers write them. */
export function messagesOf(input: unknown): readonly unknown[] {
  const held = heldBy(input);
  if (!Array.isArray(held)) return [];
  const [first] = held;
  const isNested = Array.isArray(first) && held.length === 1 && typeof first[0] !== "string";
  const messages: readonly unknown[] = isNested ? first : held; // LangChain: a list of lists
  return messages.map(toMessage);
}

function heldBy(input: unknown): unknown {
  for (const place of PLACES) {
    const held = read(input, place);
    if (Array.isArray(held) || typeof held === "string") return held;
  }
  return input;
}

/** LangChain's `["human", "…"]`, and messages as they are written to a file. */
function toMessage(message: unknown): unknown {
  if (Array.isArray(message) && message.length === 2 && typeof message[0] === "string") {
    return { role: message[0], content: message[1] as unknown };
  }
  const kwargs = read(message, "kwargs");
  const id = read(message, "id");
  if (typeof kwargs !== "object" || kwargs === null || !Array.isArray(id)) return message;
  const role = String(id.at(-1))
    .replace(/Message(?:Chunk)?$/u, "")
    .toLowerCase();
  return { ...kwargs, role };
}

/** What tools answered, in messages: each result by itself, where one message holds several. */
export function toolResultsOf(input: unknown): readonly unknown[] {
  return messagesOf(input).flatMap((message) => {
    const role = roleOf(message);
    if (role !== "tool" && role !== "user") return [];
    const results = partsOf(message).filter(isToolResult);
    return results.length > 0 || role === "user" ? results.map(responseIn) : [message];
  });
}

/** What tools answered: the AI SDK, Anthropic, OpenAI's Responses. Gemini has a field for it. */
const RESULT_TYPES: readonly unknown[] = ["tool-result", "tool_result", "function_call_output"];

function isToolResult(part: unknown): boolean {
  return RESULT_TYPES.includes(read(part, "type")) || responseIn(part) !== part;
}

function responseIn(part: unknown): unknown {
  return read(read(part, "functionResponse"), "response") ?? part;
}

function partsOf(message: unknown): readonly unknown[] {
  const held = read(message, "content") ?? read(message, "parts");
  return Array.isArray(held) ? held : [];
}

/**
 * `user`, `assistant`, `system`, `tool`, or undefined for what is no message. Some providers have
 * tools answer in the user's name: that is the tools' message.
 */
export function roleOf(message: unknown): string | undefined {
  const parts = partsOf(message);
  if (isToolResult(message) || (parts.length > 0 && parts.every(isToolResult))) return "tool";
  const role = read(message, "role") ?? read(message, "type") ?? langChainType(message);
  if (typeof role !== "string") return undefined;
  return LANGCHAIN_ROLES[role] ?? role;
}

const LANGCHAIN_ROLES: Readonly<Record<string, string>> = {
  human: "user",
  ai: "assistant",
  model: "assistant",
};

function langChainType(message: unknown): unknown {
  const getType = read(message, "getType") ?? read(message, "_getType");
  return typeof getType === "function" ? (getType.call(message) as unknown) : undefined;
}

/**
 * What was asked: the last message of the user, or the input itself where it is no conversation.
 */
export function readQuestion(input: unknown): ReadText {
  const messages = messagesOf(input);
  if (messages.length === 0) return readText(heldBy(input), "the question");
  const asked = messages.findLast((message) => roleOf(message) === "user");
  const parts = partsOf(asked);
  const isMixed = parts.some(isToolResult);
  return readText(isMixed ? parts.filter((part) => !isToolResult(part)) : asked, "the question");
}
