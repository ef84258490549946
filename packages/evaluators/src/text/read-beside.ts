import type { EvaluatorInput } from "../evaluator.ts";
import { isPending, isRecord, read } from "../shape.ts";
import { isData } from "./read-json.ts";
import { MAX_TEXT, type ReadText } from "./read-text.ts";

const MAX_VALUES = 20_000;
/** Thought and not said, or what a tool is given: neither is part of an answer. */
const UNSAID: readonly string[] = ["reasoning", "reasoningText", "toolCalls", "tool_calls"];
/** Images and files in a result: bytes as text, unless they are text as it is. */
const BYTES: readonly string[] = ["data", "blob"];
const BASE64 = /^(?:data:[^,]{0,200},)?[\w+/=\s-]*$/;
const KINDS_OF_BYTES = ["mimeType", "mediaType", "mime_type"] as const;

/**
 * All that an output says beside its text: other fields of a tool's result or of an application's
 * data, such as MCP's `structuredContent`, resources in a result, the e-mail beside a row's
 * `content`. Who looks for what must not be there looks here too. Undefined where there is nothing.
 */
export function readBeside({ output, on }: EvaluatorInput): ReadText | undefined {
  const isWhole = on === "tool" || isData(output);
  const held = isWhole ? output : read(output, "structuredContent");
  if (typeof held !== "object" || held === null) return undefined;
  try {
    const text = valuesIn(held).join("\n");
    return text === "" ? undefined : { kind: "text", text };
  } catch (error) {
    const why = error instanceof RangeError ? "is too large" : "cannot be read";
    return { kind: "none", reason: `the data of the output ${why}` };
  }
}

/** Names and values, each once looked at, without recursion: data may be deep, or hold itself. */
function valuesIn(data: object): readonly string[] {
  const found: string[] = [];
  const waiting: unknown[] = [data];
  const known = new Set<object>();
  let length = 0;
  const say = (text: string): void => {
    length += text.length;
    if (length > MAX_TEXT) throw new RangeError();
    found.push(text);
  };
  for (let left = MAX_VALUES; waiting.length > 0; left--) {
    if (left === 0) throw new RangeError();
    const held = waiting.pop();
    if (typeof held === "string") say(held);
    else if (typeof held === "number" || typeof held === "bigint") say(String(held));
    if (typeof held !== "object" || held === null || known.has(held)) continue;
    if (isPending(held)) throw new TypeError("not there yet");
    known.add(held);
    if (!ArrayBuffer.isView(held)) waiting.push(...partsOf(held, say));
  }
  return found;
}

function partsOf(held: object, say: (text: string) => void): unknown[] {
  if (Array.isArray(held)) {
    if (held.length > MAX_VALUES) throw new RangeError();
    return held.toReversed(); // the first is looked at first
  }
  const hasBytes = KINDS_OF_BYTES.some((key) => typeof read(held, key) === "string");
  const keys = Object.keys(held).filter(
    (key) => !UNSAID.includes(key) && !(hasBytes && BYTES.includes(key) && isBytes(held, key)),
  );
  for (const key of keys) say(key);
  if (keys.length === 0 && hasJson(held)) return [held.toJSON()]; // an address, a date
  return isRecord(held) ? keys.map((key) => held[key]).reverse() : [];
}

/** Also a buffer that went through JSON. */
function isBytes(held: object, key: string): boolean {
  const value = read(held, key);
  if (typeof value === "string") return BASE64.test(value);
  const isData = isRecord(value) || Array.isArray(value);
  const isBuffer = read(value, "type") === "Buffer" || typeof read(value, "0") === "number";
  return !isData || isBuffer || ArrayBuffer.isView(value);
}

function hasJson(held: object): held is { toJSON(): unknown } {
  return typeof read(held, "toJSON") === "function";
}
