import type { CallRequest } from "@burnrate/core";
import type { CheckedOptions } from "./check-options.ts";
import { isName, optionsIndex, reportedName, TOOL_METHODS, type ToolMethod } from "./mcp-client.ts";
import { isObject, type Loose } from "./shape.ts";

const TOOLS_CALL = "tools/call";
/** What can name no tool is counted under one name, and left to the server to refuse. */
const NO_NAME = "(not a name)";

/** Arguments of a method, copied once, so that what was checked is what is sent. */
export interface Invocation {
  readonly args: readonly unknown[];
  /** Parameters of `tools/call`; undefined when the method sends something else. */
  readonly tool: { readonly params: unknown } | undefined;
}

/** A tool call that is ready to be guarded and sent. */
export interface ToolCall {
  readonly request: CallRequest;
  /** The caller's own signal. */
  readonly caller: AbortSignal | undefined;
  /** The method's arguments, with a signal in its request options. */
  argsWith(signal: AbortSignal): unknown[];
}

/**
 * Copies what a method was given. Getters and `toJSON` run here and never again: otherwise an
 * object could be one tool for the guard and another one on the wire.
 */
export function toInvocation(via: ToolMethod, args: readonly unknown[]): Invocation {
  const [first, ...rest] = args;
  if (TOOL_METHODS[via] === "params") {
    const params = copyParams(first);
    return { args: [params, ...rest], tool: { params } };
  }
  const request = copy(first);
  if (!isObject(request)) return { args: [request, ...rest], tool: undefined };
  const method = plain(request["method"]);
  const pinned = { ...request, method };
  if (method !== TOOLS_CALL) return { args: [pinned, ...rest], tool: undefined };
  const params = copyParams(request["params"]);
  return { args: [{ ...pinned, params }, ...rest], tool: { params } };
}

/** @throws {ConfigError} `BR9001` when the application's price for the tool is none. */
export function toCall(
  client: Loose,
  method: ToolMethod,
  { args, params }: { readonly args: readonly unknown[]; readonly params: unknown },
  options: CheckedOptions,
): ToolCall {
  const index = optionsIndex(client, method, args);
  const requestOptions = copyOptions(args[index]);
  const given = requestOptions.signal;
  const caller = given instanceof AbortSignal ? given : undefined;
  return {
    request: toRequest(client, params, caller, options),
    caller,
    argsWith(signal) {
      // What is no signal is left to the SDK, which says so in its own words.
      if (caller !== undefined || given == null) requestOptions.signal = signal;
      const sent = Array.from({ length: Math.max(args.length, index + 1) }, (_, at) => args[at]);
      sent[index] = requestOptions;
      return sent;
    },
  };
}

function toRequest(
  client: Loose,
  params: unknown,
  caller: AbortSignal | undefined,
  options: CheckedOptions,
): CallRequest {
  const given = isObject(params) ? params["name"] : undefined;
  const name = isName(given) ? given : NO_NAME;
  const usd = options.costOf(typeof given === "string" ? given : name);
  return {
    kind: "tool",
    provider: options.server ?? reportedName(client) ?? "mcp",
    name,
    input: isObject(params) ? params["arguments"] : undefined,
    // A signal that fired already keeps the call from being sent, not from being judged.
    ...(caller !== undefined && !caller.aborted && { signal: caller }),
    ...(usd !== undefined && usd > 0 && { estimate: { usd } }),
  };
}

function copyParams(given: unknown): unknown {
  const params = copy(given);
  if (!isObject(params) || !Object.hasOwn(params, "name")) return params;
  return { ...params, name: plain(params["name"]) };
}

/** One level, as JSON would read it: own properties of what `toJSON` returns, if there is one. */
function copy(given: unknown): unknown {
  const toJson = isObject(given) ? given["toJSON"] : undefined;
  const value: unknown = typeof toJson === "function" ? Reflect.apply(toJson, given, [""]) : given;
  if (Array.isArray(value)) return Array.from<unknown>(value);
  if (!isObject(value)) return value;
  const { toJSON: _, ...copied } = value;
  return copied;
}

/** What JSON makes of a value: a `String` object is a string on the wire. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

/** Keeps prototype and getters, as the SDK would read them, and pins the signal alone. */
function copyOptions(options: unknown): { signal: unknown } {
  if (!isObject(options)) return { signal: undefined };
  const value: unknown = options["signal"];
  return Object.create(Object.getPrototypeOf(options), {
    ...Object.getOwnPropertyDescriptors(options),
    signal: { value, writable: true, enumerable: true, configurable: true },
  });
}
