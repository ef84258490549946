import type { CallRequest, OpenTask } from "@burnrate/core";
import { providerOf } from "./describe-model.ts";
import { choices, explicitLimit } from "./output-limit.ts";
import { isObject, read, readText } from "./shape.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What both the callback and the model hook know of a model call. */
export interface ModelCallFacts {
  /** What the provider is asked: `invocationParams` of the model. */
  readonly params: unknown;
  /** LangChain's `ls_…` parameters. */
  readonly described: unknown;
  /** Names the model when its parameters do not; asked only then. */
  readonly fallbackName: () => string | undefined;
  /** LangChain's path to the model's class; asked only where its parameters may name another's. */
  readonly namespace: () => unknown;
  readonly input: unknown;
  readonly signal: unknown;
  /** Whether the hook can send an output limit. */
  readonly canLimit: boolean;
  readonly provider?: string | undefined;
  /** The task of the framework's run. */
  readonly task?: OpenTask | undefined;
  /** What may be called instead. */
  readonly models?: CallRequest["models"] | undefined;
  /** Whether its progress will be told. */
  readonly streams?: boolean | undefined;
}

/**
 * A LangChain model call as a request. The parameters come before the metadata, which a run's
 * caller may fill: it must not choose the price.
 */
export function toModelCall(facts: ModelCallFacts): CallRequest {
  const { params, described, signal } = facts;
  const provider = facts.provider ?? providerOf(described, facts.namespace);
  const limit = explicitLimit(params);
  const request: Mutable<CallRequest> = {
    kind: "model",
    name:
      readText(params, "model") ??
      readText(params, "model_name") ??
      readText(described, "ls_model_name") ??
      facts.fallbackName() ??
      "unknown",
    input: withTools(facts.input, params),
    bound: limit !== undefined || facts.canLimit ? "enforced" : "assumed",
  };
  if (provider !== undefined) request.provider = provider;
  if (facts.task !== undefined) request.task = facts.task;
  if (facts.models !== undefined) request.models = facts.models;
  if (facts.streams === true) request.streams = true;
  if (isSignal(signal)) request.signal = signal;
  if (limit !== undefined) request.estimate = { maxOutputTokens: limit * choices(params) };
  return request;
}

/** A LangChain tool call as a request. */
export function toToolCall(
  name: string,
  input: unknown,
  signal?: unknown,
  task?: OpenTask,
): CallRequest {
  const request: Mutable<CallRequest> = { kind: "tool", name, input };
  if (isSignal(signal)) request.signal = signal;
  if (task !== undefined) request.task = task;
  return request;
}

/**
 * What callbacks are told of a tool's arguments: their JSON. Policies, evaluators and the limit on
 * loops get the arguments themselves, as from every other hook.
 */
export function toArguments(told: unknown): unknown {
  if (typeof told !== "string" || !told.startsWith("{")) return told;
  try {
    return JSON.parse(told);
  } catch {
    return told; // the text of a tool that takes one
  }
}

/** Most calls have no tools: that is found out without a list of names to read. */
function withTools(messages: unknown, params: unknown): unknown {
  if (!isObject(params)) return { messages };
  let tools: unknown;
  let format: unknown;
  let config: unknown;
  try {
    config = params["toolConfig"];
    tools = params["tools"] ?? params["functions"] ?? (config && read(config, "tools"));
    format = params["response_format"] ?? params["text"];
  } catch {
    tools = read(params, "tools") ?? read(params, "functions") ?? read(config, "tools");
    format = read(params, "response_format") ?? read(params, "text");
  }
  if (tools === undefined && format === undefined) return { messages };
  const choice = read(params, "tool_choice") ?? forcedBy(config);
  return {
    messages,
    ...(tools ? { tools } : {}),
    ...(choice && choice !== "auto" && choice !== "none" ? { toolChoice: choice } : {}),
    ...(format ? { responseFormat: format } : {}),
  };
}

/** Whether the `toolConfig` of Bedrock's Converse or of Gemini has the model call a tool. */
function forcedBy(config: unknown): "required" | undefined {
  const choice = read(config, "toolChoice");
  const isForced = read(choice, "any") !== undefined || read(choice, "tool") !== undefined;
  const mode = read(read(config, "functionCallingConfig"), "mode");
  return isForced || mode === "ANY" ? "required" : undefined;
}

function isSignal(value: unknown): value is AbortSignal {
  if (value === undefined) return false;
  return (
    typeof read(value, "aborted") === "boolean" &&
    typeof read(value, "addEventListener") === "function"
  );
}
