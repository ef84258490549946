import type { CallRequest, Guard, Permit } from "@burnrate/core";
import { stateOf } from "./guard-state.ts";
import {
  canSendLimit,
  choices,
  explicitLimit,
  invocationParams,
  withLimit,
} from "./output-limit.ts";
import { noteRefusal } from "./refusal-note.ts";
import { read, readText } from "./shape.ts";
import { toModelCall } from "./to-call.ts";
import { cutReason } from "./to-error.ts";

const described = new WeakMap<object, unknown>();

/** The arguments of `_generate`, `_streamResponseChunks` and `_streamChatModelEvents`. */
export type ModelArguments = readonly [input: unknown, options: unknown, runManager?: unknown];

/** A model call that was admitted: what to call, and with what. */
export interface AdmittedCall {
  readonly permit: Permit;
  readonly model: object;
  readonly args: ModelArguments;
}

/**
 * Asks for permission for one call of a model, and prepares it: the permit's signal goes down to
 * the HTTP request, and its output limit into the model's parameters.
 * @throws {GuardError} when refused; nothing was sent.
 */
export async function admit(
  guard: Guard,
  model: object,
  [input, options, runManager]: ModelArguments,
  provider: string | undefined,
): Promise<AdmittedCall> {
  const params = invocationParams(model, options);
  const canLimit = canSendLimit(model);
  const task = stateOf(guard).tasks.get(readText(runManager, "runId"))?.task;
  const request = toModelCall({
    params,
    described: describe(model),
    fallbackName: readText(model, "model") ?? readText(model, "modelName") ?? className(model),
    input,
    signal: read(options, "signal"),
    canLimit,
    provider,
  });
  const permit = await begin(guard, task === undefined ? request : { ...request, task });
  const limit = limitToSend(permit, params);
  return {
    permit,
    model: limit === undefined || !canLimit ? model : withLimit(model, limit),
    args: [input, { ...(options as object), signal: permit.signal }, runManager],
  };
}

async function begin(guard: Guard, request: CallRequest): Promise<Permit> {
  try {
    const permit = await guard.begin(request);
    noteRefusal(undefined);
    return permit;
  } catch (error) {
    noteRefusal(error);
    throw error;
  }
}

/**
 * Ends a call that threw, and says what to throw: our own reason when a kill cut it, since the
 * provider's client only says that it was aborted.
 */
export async function failed(permit: Permit, error: unknown): Promise<unknown> {
  const reason = cutReason(permit) ?? error;
  await permit.fail(reason);
  return reason;
}

function limitToSend(permit: Permit, params: unknown): number | undefined {
  if (permit.maxOutputTokens === undefined) return undefined;
  const each = Math.max(1, Math.floor(permit.maxOutputTokens / choices(params)));
  const own = explicitLimit(params);
  return own !== undefined && own <= each ? undefined : each;
}

/** Provider and name are the model's for good; only its parameters change from call to call. */
function describe(model: object): unknown {
  if (described.has(model)) return described.get(model);
  const getLsParams = read(model, "getLsParams");
  let answer: unknown;
  try {
    answer = typeof getLsParams === "function" ? getLsParams.call(model, {}) : undefined;
  } catch {
    answer = undefined;
  }
  described.set(model, answer);
  return answer;
}

function className(model: object): string | undefined {
  return readText(model.constructor, "name");
}
