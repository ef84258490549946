import { SCHEMA_TOKENS, UNBOUNDED_TOKENS } from "./bounds.ts";
import { contentTokens } from "./content-tokens.ts";
import { isBinary, jsonBytes } from "./json-bytes.ts";
import type { Measure } from "./measure.ts";
import { messageTokens } from "./message-tokens.ts";

type Fields = Readonly<Record<string, unknown>>;

const TEXT_KEYS = new Set(["system", "instructions", "systemInstruction", "system_instruction"]);
const SCHEMA_KEYS = ["inputSchema", "parameters", "schema", "input_schema"];
const MAX_NESTED = 3;

/** What a request's input weighs. Never throws; input without an end weighs a thousand million. */
export function measureInput(input: unknown, measure: Measure): number {
  try {
    const tokens = Math.ceil(inputTokens(input, measure, 0)) + measure.frame.request;
    return Math.min(tokens, UNBOUNDED_TOKENS);
  } catch {
    return UNBOUNDED_TOKENS;
  }
}

function inputTokens(input: unknown, measure: Measure, depth: number): number {
  if (input === undefined || input === null) return 0;
  if (typeof input === "string") return measure.text(input) + measure.frame.message;
  if (typeof input !== "object") return measure.json(input);
  if (Array.isArray(input)) return listTokens(input, measure, depth);
  if (isBinary(input)) return jsonBytes(input) + measure.frame.message;
  return isMessage(input)
    ? messageTokens(input, 1, measure)
    : requestTokens(input as Fields, measure, depth);
}

/** Messages, texts to embed, batches of messages, or bare content parts. */
function listTokens(list: readonly unknown[], measure: Measure, depth: number): number {
  const { message } = measure.frame;
  let total = 0;
  for (const entry of list) {
    if (total >= UNBOUNDED_TOKENS) break;
    if (typeof entry === "string") total += measure.text(entry) + message;
    else if (isMessage(entry)) total += messageTokens(entry, list.length, measure);
    else if (Array.isArray(entry) && depth < MAX_NESTED) {
      total += listTokens(entry, measure, depth + 1);
    } else total += contentTokens([entry], measure) + message;
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

function requestTokens(request: Fields, measure: Measure, depth: number): number {
  let total = 0;
  for (const key in request) {
    if (total >= UNBOUNDED_TOKENS) break;
    const value = request[key];
    if (key === "tools") total += toolsTokens(value, measure);
    else if (isConversation(key) && depth < MAX_NESTED) {
      total += inputTokens(value, measure, depth + 1);
    } else if (TEXT_KEYS.has(key)) {
      total += contentTokens(value, measure) + measure.frame.message;
    } else total += measure.field(key, value);
  }
  return total;
}

function isConversation(key: string): boolean {
  switch (key) {
    case "messages":
    case "prompt":
    case "prompts":
    case "input":
    case "contents":
    case "values":
      return true;
    default:
      return false;
  }
}

function toolsTokens(tools: unknown, measure: Measure): number {
  if (typeof tools !== "object" || tools === null) return 0;
  const list: readonly unknown[] = Array.isArray(tools) ? tools : Object.entries(tools);
  let total = list.length === 0 ? 0 : measure.frame.tools;
  for (const tool of list) total += toolTokens(tool, measure);
  return total;
}

function toolTokens(tool: unknown, measure: Measure): number {
  const description = Array.isArray(tool) ? tool[1] : tool;
  const schema = hasOpaqueSchema(description) ? SCHEMA_TOKENS : 0;
  return measure.frame.tool + measure.tool(tool) + schema;
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
