import type { CallRequest, Guard, Permit } from "@burnrate/core";
import { beginAtOnce, isPromise } from "@burnrate/core/adapter";
import { stateOf } from "./guard-state.ts";
import { ModelAttempts, mayRepeat } from "./model-attempts.ts";
import { notRetryable } from "./not-retryable.ts";
import { canSendLimit, choices, explicitLimit, invocationParams } from "./output-limit.ts";
import { overlaid } from "./overlay.ts";
import { noteRefusal, refusedWith } from "./refusal-note.ts";
import { read, readText } from "./shape.ts";
import { toModelCall } from "./to-call.ts";
import { cutReason } from "./to-error.ts";

const NOT_DESCRIBED = {};
const described = new WeakMap<object, unknown>();

/** The arguments of `_generate`, `_streamResponseChunks` and `_streamChatModelEvents`. */
export type ModelArguments = readonly [input: unknown, options: unknown, runManager?: unknown];

/** A model call that was admitted: what to call, and with what. */
export interface AdmittedCall {
  /** Of the newest attempt, where LangChain repeats what fails. */
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
  const facts = toModelCall({
    params,
    described: describe(model),
    fallbackName: readText(model, "model") ?? readText(model, "modelName") ?? className(model),
    input,
    signal: read(options, "signal"),
    canLimit,
    provider,
  });
  const request = task === undefined ? facts : { ...facts, task };
  let permit: Permit;
  try {
    const begun = beginAtOnce(guard, request);
    permit = isPromise(begun) ? await begun : begun;
  } catch (error) {
    throw refusedWith(error);
  }
  noteRefusal(undefined);
  const prepare = (model: object, signal: AbortSignal): Omit<AdmittedCall, "permit"> => ({
    model,
    args: [input, { ...(options as object), signal }, runManager],
  });
  // What takes no limit from an overlay may take nothing from it.
  if (!canLimit) return { permit, ...prepare(model, permit.signal) };
  const maxTokens = limitToSend(permit, params);
  if (!mayRepeat(model)) {
    return { permit, ...prepare(overlaid(model, { maxTokens }), permit.signal) };
  }
  const again = { ...request, ...sameLimit(request, maxTokens, params) };
  const attempts = new ModelAttempts(guard, again, permit);
  const watch = (caller: object): object => attempts.watch(caller);
  return {
    get permit() {
      return attempts.permit;
    },
    ...prepare(overlaid(model, { maxTokens, watch }), attempts.signal),
  };
}

/** A further attempt sends what the first did, whatever its budgets would give it now. */
function sameLimit(
  { estimate }: CallRequest,
  maxTokens: number | undefined,
  params: unknown,
): Pick<CallRequest, "bound" | "estimate"> {
  if (maxTokens !== undefined) {
    return { bound: "enforced", estimate: { maxOutputTokens: maxTokens * choices(params) } };
  }
  return estimate === undefined ? { bound: "assumed" } : { bound: "enforced", estimate };
}

/**
 * Ends a call that threw, and says what to throw: our own reason when a kill cut it, since the
 * provider's client only says that it was aborted.
 */
export async function failed(permit: Permit, error: unknown): Promise<unknown> {
  const reason = cutReason(permit) ?? error;
  await permit.fail(reason);
  return notRetryable(reason);
}

function limitToSend(permit: Permit, params: unknown): number | undefined {
  if (permit.maxOutputTokens === undefined) return undefined;
  const each = Math.max(1, Math.floor(permit.maxOutputTokens / choices(params)));
  const own = explicitLimit(params);
  return own !== undefined && own <= each ? undefined : each;
}

/** Provider and name are the model's for good; only its parameters change from call to call. */
function describe(model: object): unknown {
  const known = described.get(model);
  if (known !== undefined) return known;
  const getLsParams = read(model, "getLsParams");
  let answer: unknown;
  try {
    answer = typeof getLsParams === "function" ? getLsParams.call(model, {}) : undefined;
  } catch {
    answer = undefined;
  }
  described.set(model, answer ?? NOT_DESCRIBED);
  return answer;
}

function className(model: object): string | undefined {
  return readText(model.constructor, "name");
}
