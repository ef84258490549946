import type { OpenTask, Permit } from "@burnrate/core";
import { addedThinking } from "./added-thinking.ts";
import type { Draft } from "./method.ts";
import { REQUEST, requestOf } from "./same-call.ts";
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
  const { prompt, tools, toolChoice, responseFormat, abortSignal } = params;
  const maxOutputTokens = statedLimit(params);
  const input: Record<string, unknown> = { messages: prompt };
  if (tools) input["tools"] = tools;
  if (isForced(toolChoice)) input["toolChoice"] = toolChoice;
  if (responseFormat) input["responseFormat"] = responseFormat;
  const request: Draft = {
    kind: "model",
    provider: billedBy ?? model.provider,
    name: model.modelId,
    input,
  };
  if (abortSignal) request.signal = abortSignal;
  const addedOutputTokens = addedThinking(model, params);
  const isStated = maxOutputTokens !== undefined && !(LIMITED_BY_GUARD in params);
  if (isStated || addedOutputTokens > 0) {
    request.estimate = {
      ...(isStated && { maxOutputTokens }),
      ...(addedOutputTokens > 0 && { addedOutputTokens }),
    };
  }
  if (task !== undefined) request.task = task;
  return request;
}

/** The output limit of a request: the SDK takes null, which its type does not have, for none. */
export function statedLimit(params: object): number | undefined {
  return (params as { readonly maxOutputTokens?: number | null }).maxOutputTokens ?? undefined;
}

/** The model must call a tool: what it says then is no answer to anybody. */
function isForced(choice: CallOptions["toolChoice"]): boolean {
  return choice?.type === "required" || choice?.type === "tool";
}

/**
 * On requests whose output limit a guard has set, and not the application: another guard further
 * inside may lower it, where an application's limit would be reserved whole or refused.
 */
const LIMITED_BY_GUARD = Symbol("burnrate.limited-by-guard");

/** The request as the guard allows it: with its output limit, and a signal that a kill fires. */
export function toLimitedParams<P extends CallParams>(params: P, permit: Permit): P {
  const { signal } = permit;
  const own = statedLimit(params);
  const isOwn = own !== undefined && !(LIMITED_BY_GUARD in params);
  const limit = own === undefined || isOwn ? permit.maxOutputTokens : lower(own, permit);
  const asked = requestOf(params);
  if (limit === undefined) return { ...params, abortSignal: signal, [REQUEST]: asked };
  const limited: P & { [LIMITED_BY_GUARD]?: true } = {
    ...params,
    abortSignal: signal,
    maxOutputTokens: limit,
    [REQUEST]: asked,
  };
  if (!isOwn) limited[LIMITED_BY_GUARD] = true;
  return limited;
}

function lower(limit: number, { maxOutputTokens = limit }: Permit): number {
  return Math.min(limit, maxOutputTokens);
}
