import type { CallRequest, Guard, Permit, Usage } from "@burnrate/core";
import { beginAtOnce, cutReason, isPromise } from "@burnrate/core/adapter";
import { className, describeModel, ownName } from "./describe-model.ts";
import { HeldTokens } from "./held-tokens.ts";
import { type LoneRun, runOf } from "./lone-run.ts";
import { ModelAttempts, mayRepeat } from "./model-attempts.ts";
import { isNeverSent, NOTHING_SENT } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";
import { canSendLimit, choices, explicitLimit, invocationParams } from "./output-limit.ts";
import { overlaid, seenBy } from "./overlay.ts";
import { noteRefusal, refusedWith } from "./refusal-note.ts";
import { read } from "./shape.ts";
import type { Substitutes } from "./substitutes.ts";
import { toModelCall } from "./to-call.ts";
import { toEnd } from "./to-error.ts";
import { isWrapper } from "./wrap-once.ts";

/** The arguments of `_generate`, `_streamResponseChunks` and `_streamChatModelEvents`. */
export type ModelArguments = readonly [input: unknown, options: unknown, runManager?: unknown];

/** A model call that was admitted: what to call, and with what. */
export interface AdmittedCall {
  /** Of the newest attempt, where LangChain repeats what fails. */
  readonly permit: Permit;
  readonly model: object;
  /** Whether it is another model than the caller's. */
  readonly substituted: boolean;
  readonly args: ModelArguments;
  /** Whether another guard is next: when that one refuses, nothing was sent. */
  readonly guardedInside: boolean;
  /** Whether some answer came of a request: it was sent. */
  readonly answered: boolean;
  /** Tokens that the model tells of itself, where text is held back for an evaluator. */
  readonly tokens: HeldTokens | undefined;
  /** The run, where it is this call alone. */
  readonly lone: LoneRun | undefined;
}

/** What the calls of one guarded model have in common. */
export interface ModelHook {
  readonly guard: Guard;
  readonly provider: string | undefined;
  readonly substitutes: Substitutes | undefined;
}

/**
 * Asks for permission for one call of a model, and prepares it: the permit's signal goes down to
 * the HTTP request, and its output limit into the model's parameters. `self` is what the method was
 * called on; `streams`: its progress will be told.
 * @throws {GuardError} when refused; nothing was sent.
 */
export async function admit(
  { guard, provider, substitutes }: ModelHook,
  target: object,
  self: unknown,
  [input, options, runManager]: ModelArguments,
  streams: boolean,
): Promise<AdmittedCall> {
  const canLimit = canSendLimit(target) && substitutes?.canLimit !== false;
  const ownParams = invocationParams(target, options);
  const signal = read(options, "signal");
  const { task, lone } = runOf(guard, runManager, className(target) ?? "model", signal);
  const facts = toModelCall({
    params: ownParams,
    described: describeModel(target),
    fallbackName: ownName(target),
    input,
    signal,
    canLimit,
    provider,
    task,
  });
  const request = {
    ...facts,
    ...(substitutes && { models: substitutes.named }),
    ...(streams && { streams }),
  };
  let permit: Permit;
  try {
    const begun = beginAtOnce(guard, request);
    permit = isPromise(begun) ? await begun : begun;
  } catch (error) {
    await lone?.fail(error);
    throw refusedWith(error);
  }
  noteRefusal(undefined);
  const chosen = substitutes?.chosen(permit);
  const bare = chosen ?? target;
  const tokens = (permit.holdsBack?.characters ?? 0) > 0 ? new HeldTokens() : undefined;
  const manager = tokens === undefined ? runManager : tokens.behind(runManager);
  const prepare = (
    model: object,
    signal: AbortSignal,
  ): Omit<AdmittedCall, "permit" | "answered"> => ({
    model,
    substituted: chosen !== undefined,
    guardedInside: isWrapper(bare),
    args: [input, { ...(options as object), signal }, manager],
    tokens,
    lone,
  });
  // What takes no limit from an overlay may take nothing from it.
  if (!canLimit) return { permit, answered: false, ...prepare(bare, permit.signal) };
  const model = seenBy(self, bare); // with a limit that a guard around this one sends
  const params = model === target ? ownParams : invocationParams(model, options);
  const maxTokens = limitToSend(permit, params, ownParams);
  if (!mayRepeat(model)) {
    const limited = overlaid(model, { maxTokens });
    return { permit, answered: false, ...prepare(limited, permit.signal) };
  }
  const again = {
    ...facts,
    ...(permit.substitute === undefined ? {} : substitutes?.named[permit.substitute]),
    ...sameLimit(maxTokens ?? explicitLimit(params), params),
  };
  const attempts = new ModelAttempts(guard, again, permit);
  const watch = (caller: object): object => attempts.watch(caller);
  return {
    get permit() {
      return attempts.permit;
    },
    get answered() {
      return attempts.answered;
    },
    ...prepare(overlaid(model, { maxTokens, watch }), attempts.signal),
  };
}

/** A further attempt sends what the first did, whatever its budgets would give it now. */
function sameLimit(
  limit: number | undefined,
  params: unknown,
): Pick<CallRequest, "bound" | "estimate"> {
  if (limit === undefined) return { bound: "assumed" };
  return { bound: "enforced", estimate: { maxOutputTokens: limit * choices(params) } };
}

/**
 * Ends a call that threw, and says what to throw: our own reason when a kill cut it, since the
 * provider's client only says that it was aborted.
 */
export async function failed(
  call: Pick<AdmittedCall, "permit" | "guardedInside" | "answered" | "lone">,
  error: unknown,
  usage?: Usage,
): Promise<unknown> {
  const { permit, guardedInside, answered, lone } = call;
  const reason = cutReason(permit) ?? error;
  if (guardedInside && isNeverSent(error)) await permit.fail(reason, NOTHING_SENT);
  else if (answered) await permit.fail(reason, usage === undefined ? {} : { usage });
  else await permit.fail(toEnd(reason));
  await lone?.fail(reason);
  return notRetryable(reason);
}

/** The permit's limit, or that of the request which a substitute answers; unless it is sent anyway. */
function limitToSend(permit: Permit, params: unknown, asked: unknown): number | undefined {
  const own = explicitLimit(params);
  const wanted = params === asked ? undefined : explicitLimit(asked);
  let limit = wanted ?? Number.POSITIVE_INFINITY;
  if (permit.maxOutputTokens !== undefined) {
    const each = Math.max(1, Math.floor(permit.maxOutputTokens / choices(params)));
    limit = Math.min(limit, each);
  }
  return limit === Number.POSITIVE_INFINITY || (own !== undefined && own <= limit)
    ? undefined
    : limit;
}
