import type { CallRequest } from "@burnrate/core";
import type { CheckedOptions } from "./check-options.ts";
import {
  isName,
  isRejectedUnsent,
  mayNeedInput,
  optionsIndex,
  reportedName,
  TOOL_METHODS,
  type ToolMethod,
} from "./mcp-client.ts";
import { isObject, type Loose } from "./shape.ts";
import { asksForTask } from "./wire-answers.ts";

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
  readonly params: unknown;
  readonly asksForTask: boolean;
  readonly mayNeedInput: boolean;
  /** Whether the SDK, asked now, would reject it and send nothing. */
  isRejectedUnsent(): boolean;
  /** The method's arguments, with a signal in its request options. */
  argsWith(signal: AbortSignal): unknown[];
}

/**
 * Copies what a method was given. Getters and `toJSON` run here and never again: otherwise an
 * object could be one tool for the guard and another one on the wire.
 */
export function toInvocation(via: ToolMethod, args: readonly unknown[]): Invocation {
  const copied = args.slice();
  if (TOOL_METHODS[via] === "params") {
    const params = copyParams(args[0]);
    copied[0] = params;
    return { args: copied, tool: { params } };
  }
  const request = copy(args[0]);
  copied[0] = request;
  if (!isRecord(request)) return { args: copied, tool: undefined };
  // An answer has none, and servers that get objects in place of text take it with none alone.
  if (Object.hasOwn(request, "method")) request["method"] = plain(request["method"]);
  if (request["method"] !== TOOLS_CALL) return { args: copied, tool: undefined };
  const params = copyParams(request["params"]);
  request["params"] = params;
  return { args: copied, tool: { params } };
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
    request: toRequest(options.server ?? reportedName(client), params, caller, options),
    caller,
    params,
    asksForTask: asksForTask(requestOptions) || asksForTask(params),
    mayNeedInput: mayNeedInput(client),
    isRejectedUnsent: () => isRejectedUnsent(client, method, params, caller),
    argsWith(signal) {
      // What is no signal is left to the SDK, which says so in its own words.
      if (caller !== undefined || given == null) requestOptions.signal = signal;
      const sent = args.slice();
      while (sent.length < index) sent.push(undefined);
      sent[index] = requestOptions;
      return sent;
    },
  };
}

/**
 * What the guard is asked; the server is `mcp` when it has no name.
 * @throws {ConfigError} `BR9001` when the application's price for the tool is none.
 */
export function toRequest(
  server: string | undefined,
  params: unknown,
  caller: AbortSignal | undefined,
  options: CheckedOptions,
): CallRequest {
  const given = isObject(params) ? params["name"] : undefined;
  const name = isName(given) ? given : NO_NAME;
  const usd = options.costOf(typeof given === "string" ? given : name);
  const request: Draft<CallRequest> = {
    kind: "tool",
    provider: server ?? "mcp",
    name,
    input: isObject(params) ? params["arguments"] : undefined,
  };
  // A signal that fired already keeps the call from being sent, not from being judged.
  if (caller !== undefined && !caller.aborted) request.signal = caller;
  if (usd !== undefined && usd > 0) request.estimate = { usd };
  return request;
}

type Draft<T> = { -readonly [key in keyof T]: T[key] };

/** A copy of our own, which nobody else can change. */
type Copied = Record<PropertyKey, unknown>;

function copyParams(given: unknown): unknown {
  const params = copy(given);
  // The SDKs read a name off whatever they get, so nothing must stay an object until it is written.
  if ((params === null || params === undefined) && isObject(given)) return { toJSON: () => params };
  if (isRecord(params) && Object.hasOwn(params, "name")) params["name"] = plain(params["name"]);
  return params;
}

/** One level, as JSON would read it: own properties of what `toJSON` returns, if there is one. */
function copy(given: unknown): unknown {
  const toJson = isObject(given) ? given["toJSON"] : undefined;
  const value: unknown = typeof toJson === "function" ? Reflect.apply(toJson, given, [""]) : given;
  if (Array.isArray(value)) return Array.from<unknown>(value);
  if (!isObject(value)) return value;
  const copied: Copied = { ...value };
  if (typeof copied["toJSON"] === "function") delete copied["toJSON"];
  return copied;
}

function isRecord(copied: unknown): copied is Copied {
  return isObject(copied) && !Array.isArray(copied);
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
