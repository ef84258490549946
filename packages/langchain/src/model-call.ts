import type { CallRequest, Permit, Usage } from "@burnrate/core";
import { beginAtOnce, cutReason, isPromise, type MaybePromise } from "@burnrate/core/adapter";
import { AdmittedCall, type ModelArguments } from "./admitted-call.ts";
import { ownName } from "./describe-model.ts";
import { HeldTokens } from "./held-tokens.ts";
import { type CallRun, type LoneRun, runOf } from "./lone-run.ts";
import { ModelAttempts, mayRepeat } from "./model-attempts.ts";
import type { ModelHook } from "./model-hook.ts";
import { isNeverSent, NOTHING_SENT } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";
import { choices, explicitLimit, invocationParams } from "./output-limit.ts";
import { overlaid, seenBy } from "./overlay.ts";
import { noteRefusal, refusedWith } from "./refusal-note.ts";
import { read } from "./shape.ts";
import { toModelCall } from "./to-call.ts";
import { toEnd } from "./to-error.ts";
import { isWrapper } from "./wrap-once.ts";

/** A call that is asked for. */
interface AskedCall {
  readonly hook: ModelHook;
  /** What the method was called on. */
  readonly self: unknown;
  readonly args: ModelArguments;
  /** What the model itself would send. */
  readonly params: unknown;
  readonly request: CallRequest;
  readonly lone: LoneRun | undefined;
}

/**
 * Asks for permission for one call of a model, and prepares it: the permit's signal goes down to
 * the HTTP request, and its output limit into the model's parameters. `self` is what the method was
 * called on; `streams`: its progress will be told. Gives a promise only where the guard has to wait.
 * @throws {GuardError} when refused; nothing was sent.
 */
export function admit(
  hook: ModelHook,
  self: unknown,
  args: ModelArguments,
  streams: boolean,
): MaybePromise<AdmittedCall> {
  const { guard, provider, state, substitutes, target, traits } = hook;
  const [input, options, runManager] = args;
  const params = invocationParams(target, options);
  const signal = read(options, "signal");
  const { task, lone }: CallRun = runOf(guard, state, runManager, traits.className, signal);
  const request = toModelCall({
    params,
    described: traits.described,
    fallbackName: () => ownName(target),
    namespace: () => read(target, "lc_namespace"),
    input,
    signal,
    canLimit: traits.canLimit,
    provider,
    task,
    models: substitutes?.named,
    streams,
  });
  const asked: AskedCall = { hook, self, args, params, request, lone };
  let begun: MaybePromise<Permit>;
  try {
    begun = beginAtOnce(guard, request);
  } catch (error) {
    return refuse(lone, error);
  }
  if (!isPromise(begun)) return admitted(asked, begun);
  return begun.then(
    (permit) => admitted(asked, permit),
    (error: unknown) => refuse(lone, error),
  );
}

async function refuse(lone: LoneRun | undefined, error: unknown): Promise<never> {
  await lone?.fail(error);
  throw refusedWith(error);
}

function admitted(asked: AskedCall, permit: Permit): AdmittedCall {
  const { hook, self, args, params: ownParams, lone } = asked;
  const { target, substitutes, traits } = hook;
  noteRefusal(undefined);
  const chosen = substitutes?.chosen(permit);
  const bare = chosen ?? target;
  const tokens = (permit.holdsBack?.characters ?? 0) > 0 ? new HeldTokens() : undefined;
  let model = bare;
  let attempts: ModelAttempts | undefined;
  // What takes no limit from an overlay may take nothing from it.
  if (traits.canLimit) {
    if (self !== hook.wrapper) model = seenBy(self, bare); // with a limit of a guard around this one
    const params = model === target ? ownParams : invocationParams(model, args[1]);
    const maxTokens = limitToSend(permit, params, ownParams);
    if (mayRepeat(model)) {
      attempts = new ModelAttempts(
        hook.guard,
        () => again(asked, permit, params, maxTokens),
        permit,
      );
    }
    model = overlaid(model, maxTokens, attempts);
  }
  const [input, options, runManager] = args;
  const { signal } = attempts ?? permit;
  return new AdmittedCall({
    permit,
    attempts,
    model,
    substituted: chosen !== undefined,
    guardedInside: chosen === undefined ? traits.isWrapper : isWrapper(chosen),
    args: [
      input,
      { ...(options as object), signal },
      tokens === undefined ? runManager : tokens.behind(runManager),
    ],
    tokens,
    lone,
  });
}

/** A further attempt sends what the first did, whatever its budgets would give it now. */
function again(
  { hook, request: { models: _, streams: __, ...facts } }: AskedCall,
  { substitute }: Permit,
  params: unknown,
  maxTokens: number | undefined,
): CallRequest {
  const named = substitute === undefined ? undefined : hook.substitutes?.named[substitute];
  const limit = maxTokens ?? explicitLimit(params);
  if (limit === undefined) return { ...facts, ...named, bound: "assumed" };
  const estimate = { maxOutputTokens: limit * choices(params) };
  return { ...facts, ...named, bound: "enforced", estimate };
}

/**
 * Ends a call that threw, and says what to throw: our own reason when a kill cut it, since the
 * provider's client only says that it was aborted.
 */
export async function failed(
  {
    permit,
    guardedInside,
    answered,
    lone,
  }: Pick<AdmittedCall, "permit" | "guardedInside" | "answered" | "lone">,
  error: unknown,
  usage?: Usage,
): Promise<unknown> {
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
