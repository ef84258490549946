import type { CallRequest, OpenTask, Permit } from "@burnrate/core";
import type { CallOptions, ModelFace } from "./sdk-types.ts";

type Draft<T> = { -readonly [key in keyof T]: T[key] };

/**
 * Says what the guard must know of a request before it is sent; `billedBy` overrides its provider,
 * `task` is the framework run's.
 */
export function toCall(
  model: ModelFace,
  params: CallOptions,
  billedBy: string | undefined,
  task: OpenTask | undefined,
): CallRequest {
  const { prompt, tools, responseFormat, abortSignal, maxOutputTokens } = params;
  const input: Record<string, unknown> = { messages: prompt };
  if (tools) input["tools"] = tools;
  if (responseFormat) input["responseFormat"] = responseFormat;
  const request: Draft<CallRequest> = {
    kind: "model",
    provider: billedBy ?? model.provider,
    name: model.modelId,
    input,
  };
  if (abortSignal) request.signal = abortSignal;
  if (maxOutputTokens !== undefined) request.estimate = { maxOutputTokens };
  if (task !== undefined) request.task = task;
  return request;
}

/** The request as the guard allows it: with its output limit, and a signal that a kill fires. */
export function toGuardedParams(params: CallOptions, permit: Permit): CallOptions {
  const { maxOutputTokens, signal } = permit;
  if (maxOutputTokens === undefined) return { ...params, abortSignal: signal };
  return { ...params, abortSignal: signal, maxOutputTokens };
}
