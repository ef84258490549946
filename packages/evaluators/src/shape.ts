/** Methods of promises, streams, the AI SDK's streamed results, responses and files. */
const PENDING = ["then", Symbol.asyncIterator, "getReader", "toTextStreamResponse", "arrayBuffer"];

/**
 * Whether something is not there yet, or can be read but once: a promise, a stream, a response. To
 * read its fields could begin it, and would make errors that nobody catches.
 * @throws what a hostile value throws.
 */
export function isPending(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return false;
  const held = value as Readonly<Record<string | symbol, unknown>>;
  return PENDING.some((method) => typeof held[method] === "function");
}

/** Reads a field of anything, whatever it is; a getter that throws is an absent field. */
export function read(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    if (isPending(value)) return undefined;
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
