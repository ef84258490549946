import { MAX_OBJECTS, MAX_PENDING, UNBOUNDED_TOKENS, UNREADABLE_TOKENS } from "./bounds.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Characters that JSON writes as more than themselves. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

/** Bytes of text as it is. Every byte-level tokenizer needs at most one token a byte. */
export function textBytes(text: string): number {
  if (isShortAndPlain(text)) return text.length;
  return Buffer.byteLength(text, "utf8");
}

/** Bytes of text inside JSON, with its quotes and escapes. */
export function quotedBytes(text: string): number {
  if (isShortAndPlain(text)) return text.length + 2;
  return textBytes(ESCAPED.test(text) ? JSON.stringify(text) : text) + 2;
}

const SHORT = 32;
/** Braces, and what separates the object from the next. */
const EMPTY_BYTES = 3;

/** Keys, roles and types: a look at each character costs 0.1 µs less than to search and measure. */
function isShortAndPlain(text: string): boolean {
  if (text.length > SHORT) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isPlain = code >= 0x20 && code < 0x7f && code !== QUOTE && code !== BACKSLASH;
    if (!isPlain) return false;
  }
  return true;
}

/**
 * An upper bound of a value written as JSON, for whatever it is: cycles are cut, depth costs no
 * stack, and what throws on being read counts as large.
 */
export function jsonBytes(value: unknown): number {
  if (typeof value === "string") return quotedBytes(value);
  if (typeof value !== "object" || value === null) return plainBytes(value);
  if (isEmpty(value)) return EMPTY_BYTES;
  const pending: unknown[] = [value];
  const seen = new Set<object>();
  let total = 0;
  while (pending.length > 0) {
    if (seen.size > MAX_OBJECTS || pending.length > MAX_PENDING) return UNBOUNDED_TOKENS;
    total += nodeBytes(pending.pop(), seen, pending);
  }
  return total;
}

/** As most messages have among their fields. */
function isEmpty(value: object): boolean {
  try {
    if (Object.getPrototypeOf(value) !== Object.prototype || hasToJson(value)) return false;
    for (const _ in value) return false;
    return true;
  } catch {
    return false;
  }
}

/** Bytes of one value without its children, which it leaves in `pending`. */
function nodeBytes(value: unknown, seen: Set<object>, pending: unknown[]): number {
  switch (typeof value) {
    case "string":
      return quotedBytes(value) + 1;
    case "object":
      return value === null ? 5 : objectBytes(value, seen, pending);
    default:
      return plainBytes(value);
  }
}

/** Bytes of what is neither text nor object. */
function plainBytes(value: unknown): number {
  switch (typeof value) {
    case "object":
      return 5; // null
    case "bigint":
      return bigintBytes(value);
    case "number":
      return 25;
    default:
      return 6;
  }
}

function bigintBytes(value: bigint): number {
  return value.toString(16).length * 2;
}

function objectBytes(value: object, seen: Set<object>, pending: unknown[]): number {
  if (seen.has(value)) return 2;
  seen.add(value);
  try {
    if (isBinary(value)) return base64Bytes(value);
    if (Array.isArray(value)) return arrayBytes(value, pending);
    if (hasToJson(value)) return textBytes(JSON.stringify(value) ?? "") + 1;
    return entriesBytes(value as Readonly<Record<string, unknown>>, pending);
  } catch {
    return UNREADABLE_TOKENS;
  }
}

/** Bytes, which are sent as base64. */
export function isBinary(value: object): value is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function base64Bytes({ byteLength }: { readonly byteLength: number }): number {
  return Math.ceil((byteLength * 4) / 3) + 6;
}

function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function arrayBytes(values: readonly unknown[], pending: unknown[]): number {
  const { length } = values;
  if (!(length >= 0 && length <= MAX_PENDING)) return UNBOUNDED_TOKENS;
  for (let i = 0; i < length; i++) pending.push(values[i]);
  return 3;
}

function entriesBytes(object: Readonly<Record<string, unknown>>, pending: unknown[]): number {
  let total = EMPTY_BYTES;
  // Quicker than Object.keys; what is inherited only raises the bound.
  for (const key in object) {
    total += quotedBytes(key) + 1;
    pending.push(object[key]);
  }
  return total;
}
