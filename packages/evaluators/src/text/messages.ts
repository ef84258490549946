import { read } from "../shape.ts";
import { type ReadText, readText } from "./read-text.ts";

/** The messages of a model call's input, as the AI SDK, LangChain and providers write them. */
export function messagesOf(input: unknown): readonly unknown[] {
  const held = read(input, "messages") ?? read(input, "prompt") ?? input;
  if (!Array.isArray(held)) return [];
  const [first] = held;
  return Array.isArray(first) && held.length === 1 ? first : held; // LangChain: a list of lists
}

/** What tools answered, in messages: each result by itself, where one message holds several. */
export function toolResultsOf(input: unknown): readonly unknown[] {
  return messagesOf(input).flatMap((message) => {
    if (roleOf(message) !== "tool") return [];
    const content = read(message, "content");
    const parts = Array.isArray(content) ? content : [];
    return parts.some((part) => read(part, "type") === "tool-result") ? parts : [message];
  });
}

/** `user`, `assistant`, `system`, `tool`, or undefined for what is no message. */
export function roleOf(message: unknown): string | undefined {
  const role = read(message, "role") ?? read(message, "type") ?? langChainType(message);
  if (typeof role !== "string") return undefined;
  return LANGCHAIN_ROLES[role] ?? role;
}

const LANGCHAIN_ROLES: Readonly<Record<string, string>> = { human: "user", ai: "assistant" };

function langChainType(message: unknown): unknown {
  const getType = read(message, "getType") ?? read(message, "_getType");
  return typeof getType === "function" ? (getType.call(message) as unknown) : undefined;
}

/** What was asked: the last message of the user, or the input itself where it is no conversation. */
export function readQuestion(input: unknown): ReadText {
  const messages = messagesOf(input);
  if (messages.length === 0) return readText(input, "the question");
  const asked = messages.findLast((message) => roleOf(message) === "user");
  return readText(asked, "the question");
}
