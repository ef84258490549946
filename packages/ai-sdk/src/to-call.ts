import type { OpenTask, Permit } from "@burnrate/core";
import type { Draft } from "./method.ts";
import type { CallOptions, CallParams, ModelIdentity } from "./sdk-types.ts";

/**
 * Says what the guard must know of a request to a language model before it is sent; `billedBy`
 * overrides its provider, `task` is the framework run's.
 */
export function toCall(
  model: ModelIdentity,
  params: CallOptions,
  billedBy: string | undefined,
  task: OpenTask | undefined,
): Draft {
  const { prompt, tools, responseFormat, abortSignal, maxOutputTokens } = params;
  const input: Record<string, unknown> = { messages: prompt };
  if (tools) input["tools"] = tools;
  if (responseFormat) input["responseFormat"] = responseFormat;
  const request: Draft = {
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
export function toLimitedParams<P extends CallParams>(params: P, permit: Permit): P {
  const { maxOutputTokens, signal } = permit;
  if (maxOutputTokens === undefined) return { ...params, abortSignal: signal };
  return { ...params, abortSignal: signal, maxOutputTokens };
}
