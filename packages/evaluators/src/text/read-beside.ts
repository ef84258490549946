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

const WRITTEN: readonly string[] = ["string", "number", "bigint"];

/** A value with what it is called, if anything. */
interface Part {
  readonly name?: string;
  readonly value: unknown;
}

/**
 * Names, each right before its value, because what a number is may be in its name. Each value is
 * looked at once, without recursion: data may be deep, or hold itself.
 */
function valuesIn(data: object): readonly string[] {
  const found: string[] = [];
  const waiting: Part[] = [{ value: data }];
  const known = new Set<object>();
  let length = 0;
  const say = (value: unknown): void => {
    if (!WRITTEN.includes(typeof value)) return;
    const text = String(value);
    length += text.length;
    if (length > MAX_TEXT) throw new RangeError();
    found.push(text);
  };
  let left = MAX_VALUES;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (left-- === 0) throw new RangeError();
    const { name, value: held } = part;
    say(name);
    say(held);
    if (typeof held !== "object" || held === null || known.has(held)) continue;
    if (isPending(held)) throw new TypeError("not there yet");
    known.add(held);
    if (!ArrayBuffer.isView(held)) waiting.push(...partsOf(held));
  }
  return found;
}

/** The last first, because the end of those that wait is looked at next. */
function partsOf(held: object): Part[] {
  if (Array.isArray(held)) {
    if (held.length > MAX_VALUES) throw new RangeError();
    return held.toReversed().map((value) => ({ value }));
  }
  const hasBytes = KINDS_OF_BYTES.some((key) => typeof read(held, key) === "string");
  const keys = Object.keys(held).filter(
    (key) => !UNSAID.includes(key) && !(hasBytes && BYTES.includes(key) && isBytes(held, key)),
  );
  if (keys.length === 0 && hasJson(held)) return [{ value: held.toJSON() }]; // an address, a date
  const isPlain = isRecord(held);
  return keys.reverse().map((name) => ({ name, value: isPlain ? held[name] : undefined }));
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
