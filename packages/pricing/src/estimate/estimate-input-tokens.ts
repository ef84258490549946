import {
  MESSAGE_TOKENS,
  REQUEST_TOKENS,
  SCHEMA_TOKENS,
  TOOL_TOKENS,
  TOOLS_TOKENS,
  UNBOUNDED_TOKENS,
} from "./bounds.ts";
import { contentTokens } from "./content-tokens.ts";
import { jsonBytes, textBytes } from "./json-bytes.ts";
import { messageTokens } from "./message-tokens.ts";

type Fields = Readonly<Record<string, unknown>>;

const CONVERSATION_KEYS = new Set(["messages", "prompt", "prompts", "input", "contents", "values"]);
const TEXT_KEYS = new Set(["system", "instructions", "systemInstruction", "system_instruction"]);
const SCHEMA_KEYS = ["inputSchema", "parameters", "schema", "input_schema"];
const MAX_NESTED = 3;

/**
 * An upper bound of the tokens of a request's input: one a byte of UTF-8, which no byte-level
 * tokenizer exceeds, and constants for messages, tools, images and files. Takes AI SDK prompts,
 * LangChain messages, the providers' own request bodies, text, and any JSON. Never throws; input
 * without an end counts as a thousand million tokens.
 *
 * Long messages, and those of long conversations, are counted once by identity and must not be changed deep inside afterwards.
 *
 * @example
 * estimateInputTokens([{ role: "user", content: "What is the weather in Łódź?" }]);
 */
export function estimateInputTokens(input: unknown): number {
  try {
    return Math.min(Math.ceil(inputTokens(input, 0)) + REQUEST_TOKENS, UNBOUNDED_TOKENS);
  } catch {
    return UNBOUNDED_TOKENS;
  }
}

function inputTokens(input: unknown, depth: number): number {
  if (input === undefined || input === null) return 0;
  if (typeof input === "string") return textBytes(input) + MESSAGE_TOKENS;
  if (typeof input !== "object") return jsonBytes(input);
  if (Array.isArray(input)) return listTokens(input, depth);
  return isMessage(input) ? messageTokens(input, 1) : requestTokens(input as Fields, depth);
}

/** Messages, texts to embed, batches of messages, or bare content parts. */
function listTokens(list: readonly unknown[], depth: number): number {
  let total = 0;
  for (const entry of list) {
    if (total >= UNBOUNDED_TOKENS) break;
    if (typeof entry === "string") total += textBytes(entry) + MESSAGE_TOKENS;
    else if (isMessage(entry)) total += messageTokens(entry, list.length);
    else if (Array.isArray(entry) && depth < MAX_NESTED) total += listTokens(entry, depth + 1);
    else total += contentTokens([entry]) + MESSAGE_TOKENS;
  }
  return total;
}

function isMessage(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  try {
    const { role, content, parts, lc_namespace } = value as Fields;
    const hasContent = content !== undefined || parts !== undefined;
    return hasContent && (typeof role === "string" || lc_namespace !== undefined || isTyped(value));
  } catch {
    return false;
  }
}

/** LangChain's messages say what they are in a method; its stored ones in `type`. */
function isTyped(value: object): boolean {
  const { _getType, additional_kwargs } = value as Fields;
  return typeof _getType === "function" || additional_kwargs !== undefined;
}

function requestTokens(request: Fields, depth: number): number {
  let total = 0;
  for (const key of Object.keys(request)) {
    if (total >= UNBOUNDED_TOKENS) break;
    const value = request[key];
    if (key === "tools") total += toolsTokens(value);
    else if (CONVERSATION_KEYS.has(key) && depth < MAX_NESTED) {
      total += inputTokens(value, depth + 1);
    } else if (TEXT_KEYS.has(key)) total += contentTokens(value) + MESSAGE_TOKENS;
    else total += jsonBytes(value) + key.length + 4;
  }
  return total;
}

function toolsTokens(tools: unknown): number {
  if (typeof tools !== "object" || tools === null) return 0;
  const list: readonly unknown[] = Array.isArray(tools) ? tools : Object.entries(tools);
  let total = list.length === 0 ? 0 : TOOLS_TOKENS;
  for (const tool of list) total += toolTokens(tool);
  return total;
}

function toolTokens(tool: unknown): number {
  const description = Array.isArray(tool) ? tool[1] : tool;
  return TOOL_TOKENS + jsonBytes(tool) + (hasOpaqueSchema(description) ? SCHEMA_TOKENS : 0);
}

/** A schema of zod or its like, whose JSON is made only when the request is sent. */
function hasOpaqueSchema(tool: unknown): boolean {
  if (typeof tool !== "object" || tool === null) return false;
  try {
    return SCHEMA_KEYS.some((key) => isOpaque((tool as Fields)[key]));
  } catch {
    return true;
  }
}

/** JSON that zod wrote carries a hidden `~standard` as well, and hides nothing else. */
function isOpaque(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if ("_def" in schema || "_zod" in schema) return true;
  return (
    "~standard" in schema &&
    Object.getOwnPropertyDescriptor(schema, "~standard")?.enumerable !== false
  );
}
