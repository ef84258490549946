import { MESSAGE_TOKENS, REQUEST_TOKENS, TOOL_TOKENS, TOOLS_TOKENS } from "./bounds.ts";
import { jsonBytes, textBytes } from "./json-bytes.ts";
import type { Measure } from "./measure.ts";

/** The bound: one token a byte of UTF-8, and constants at or above what providers document. */
export const BYTES: Measure = {
  frame: {
    request: REQUEST_TOKENS,
    message: MESSAGE_TOKENS,
    part: TOOL_TOKENS / 8,
    tools: TOOLS_TOKENS,
    tool: TOOL_TOKENS,
  },
  counted: new WeakMap(),
  shortTokens: 1_000, // 0.2 µs to count again, 0.7 µs to remember
  files: false,
  rough: false,
  text: textBytes,
  json: jsonBytes,
  field: fieldBytes,
  tool: jsonBytes,
};

/** Bytes of a field with its name, quotes, colon and comma. */
export function fieldBytes(key: string, value: unknown): number {
  return jsonBytes(value) + key.length + 4;
}
