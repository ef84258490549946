import type { CallRequest, Permit } from "@burnrate/core";
import type { CallOptions, ModelFace } from "./sdk-types.ts";

/** Says what the guard must know of a request before it is sent; `billedBy` overrides its provider. */
export function toCall(
  model: ModelFace,
  params: CallOptions,
  billedBy: string | undefined,
): CallRequest {
  const { prompt, tools, responseFormat, abortSignal, maxOutputTokens } = params;
  return {
    kind: "model",
    provider: billedBy ?? model.provider,
    name: model.modelId,
    input: { messages: prompt, ...(tools && { tools }), ...(responseFormat && { responseFormat }) },
    ...(abortSignal && { signal: abortSignal }),
    ...(maxOutputTokens !== undefined && { estimate: { maxOutputTokens } }),
  };
}

/** The request as the guard allows it: with its output limit, and a signal that a kill fires. */
export function toGuardedParams(params: CallOptions, permit: Permit): CallOptions {
  const { maxOutputTokens, signal } = permit;
  return {
    ...params,
    abortSignal: signal,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}
