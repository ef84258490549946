import { isObject, type Loose, read } from "./shape.ts";

/** What a client must have to be guarded; the `Client` of both SDK generations does. */
export interface McpClient {
  callTool(...args: never[]): unknown;
  request(...args: never[]): unknown;
}

/** Methods that can send `tools/call`, and what their first argument is. */
export const TOOL_METHODS = {
  callTool: "params",
  request: "request",
  callToolStream: "params",
  requestStream: "request",
} as const;

/** A method that can send `tools/call`. */
export type ToolMethod = keyof typeof TOOL_METHODS;

/** Whether a property is one of them. */
export function isToolMethod(key: PropertyKey): key is ToolMethod {
  return typeof key === "string" && Object.hasOwn(TOOL_METHODS, key);
}

/**
 * Where a method takes its request options. Generation 1 always has a result schema before them;
 * generation 2 has none in `callTool`, and in `request` only when one is given.
 */
export function optionsIndex(client: Loose, method: ToolMethod, args: readonly unknown[]): number {
  if (typeof read(client, "getProtocolEra") !== "function") return 2;
  return method === "request" && isStandardSchema(args[1]) ? 2 : 1;
}

/**
 * Whether the SDK will reject a call by itself, so that nothing is sent: an aborted signal, no
 * connection, no parameters, or (generation 1) a tool that must run as a task.
 */
export function isRejectedUnsent(
  client: Loose,
  method: ToolMethod,
  params: unknown,
  signal: AbortSignal | undefined,
): boolean {
  if (signal?.aborted === true) return true;
  if ("transport" in client && read(client, "transport") === undefined) return true;
  if (TOOL_METHODS[method] === "params" && (params === undefined || params === null)) return true;
  return method === "callTool" && requiresTask(client, params);
}

/**
 * Whether a call may have to wait for input of the application. That is up to the application, and
 * the SDK does not look at the signal meanwhile.
 */
export function mayNeedInput(client: Loose): boolean {
  const { getProtocolEra } = client;
  if (typeof getProtocolEra !== "function") return false;
  return Reflect.apply(getProtocolEra, client, []) === "modern";
}

function requiresTask(client: Loose, params: unknown): boolean {
  const { isToolTaskRequired } = client;
  if (typeof isToolTaskRequired !== "function") return false;
  return Reflect.apply(isToolTaskRequired, client, [read(params, "name")]) === true;
}

/** The server's own name for itself, when it is fit to be shown. */
export function reportedName(client: Loose): string | undefined {
  try {
    const { getServerVersion } = client;
    if (typeof getServerVersion !== "function") return undefined;
    const name = read(Reflect.apply(getServerVersion, client, []), "name");
    return isName(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Tools are called again and again: a name that was looked at just now is not looked at again. */
let lastName: string | undefined;

/** Whether something can name a tool or a server in requests to the guard. */
export function isName(value: unknown): value is string {
  if (value === undefined || value === lastName) return value !== undefined;
  const fits = isShortText(value);
  if (fits) lastName = value;
  return fits;
}

function isShortText(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_NAME) return false;
  return value.trim() !== "" && !CONTROL.test(value);
}

/** Longest name of a tool or server, in characters. */
export const MAX_NAME = 500;
const CONTROL = /\p{Cc}/u;

/** @see https://standardschema.dev, as generation 2 tells a schema from options. */
function isStandardSchema(value: unknown): boolean {
  return isObject(value) && typeof read(value["~standard"], "validate") === "function";
}
