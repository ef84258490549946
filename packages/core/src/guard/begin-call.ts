import { type AtOnceBegin, withAtOnce } from "../call/at-once.ts";
import type { CallRequest } from "../call/call-request.ts";
import { CallTarget } from "../call/call-target.ts";
import { GuardedCall } from "../call/guarded-call.ts";
import type { Permit } from "../call/permit.ts";
import { optionError } from "../config/option-error.ts";
import { type ContextFrame, currentFrame } from "../context/context-frame.ts";
import { isGuardError } from "../errors/guard-error.ts";
import { capture } from "../meter/capture.ts";
import { giveBack } from "../meter/give-back.ts";
import { decide } from "../pipeline/decide.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { refuse, tellRefusal } from "../pipeline/refuse.ts";
import { abortable } from "../ports/abortable.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { FramedTask } from "../task/open-task.ts";
import { checkRequest } from "./check-request.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import type { Lifecycle } from "./lifecycle.ts";

const PORT_FAILED: Refusal = {
  code: "BR8001",
  message:
    "the store, a gate or the price book failed while the call was decided, and guessing would be unsafe: refused. Mend what createGuard was given as store, limits, breaker or prices.",
  scope: "store",
};

/**
 * Makes a guard's `begin`: opens a call, runs it through the pipeline, hands out its permit. Where
 * nothing is waited for, the permit is there at once, for hooks that can use it without a promise.
 */
export function createBegin(guard: GuardRuntime, lifecycle: Lifecycle): AtOnceBegin {
  const now = (request: CallRequest): MaybePromise<Permit> => {
    let call: GuardedCall | undefined;
    try {
      call = openCall(guard, lifecycle, request);
      if (!lifecycle.ready) {
        return decideLater(guard, lifecycle, call, waitForStore(guard, lifecycle, call));
      }
      request.signal?.throwIfAborted();
      const verdict = decide(call, guard);
      if (isPromise(verdict)) return decideLater(guard, lifecycle, call, verdict);
      handOut(guard, call, verdict);
      return call;
    } catch (error) {
      throw call === undefined ? error : undo(guard, call, error);
    }
  };
  return withAtOnce(now);
}

/** Decides a call that waits: for the store, a policy or money. */
async function decideLater(
  guard: GuardRuntime,
  lifecycle: Lifecycle,
  call: GuardedCall,
  verdict: Promise<Refusal | undefined>,
): Promise<Permit> {
  try {
    const refusal = await abortable(verdict, call.request.signal);
    handOut(guard, call, refusal ?? lifecycle.closedTo(call.purpose));
    return call;
  } catch (error) {
    throw undo(guard, call, error);
  }
}

/** Throws the error of a refused call; an admitted one is its hook's from here on. */
function handOut(guard: GuardRuntime, call: GuardedCall, refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw refuse(guard, call, refusal);
  call.request.signal?.throwIfAborted();
  call.begin();
  if (guard.emitter.has("call-admitted")) {
    const { id, kind, name, context } = call;
    guard.emitter.emit("call-admitted", { id, kind, name, context });
  }
}

async function waitForStore(
  guard: GuardRuntime,
  lifecycle: Lifecycle,
  call: GuardedCall,
): Promise<Refusal | undefined> {
  const { signal } = call.request;
  const down = await abortable(lifecycle.opened(), signal);
  if (down !== undefined) return down;
  signal?.throwIfAborted();
  call.waited();
  return decide(call, guard);
}

/** Whatever a request is, it is a `GuardError` or a call. */
function openCall(guard: GuardRuntime, lifecycle: Lifecycle, request: CallRequest): GuardedCall {
  try {
    return callOf(guard, lifecycle, request);
  } catch (error) {
    if (isGuardError(error)) throw error;
    throw optionError("request", request, "an object whose properties can be read");
  }
}

function callOf(guard: GuardRuntime, lifecycle: Lifecycle, request: CallRequest): GuardedCall {
  checkRequest(request);
  const frame = frameOf(request.task);
  lifecycle.refuseWhenClosed(frame.purpose);
  const nowMs = guard.nowMs();
  const target = resolve(guard, request, nowMs);
  const call = new GuardedCall(
    guard,
    guard.options.ids.next(),
    request,
    target ?? unknownTarget(request),
    frame,
    nowMs,
  );
  call.captured = capture(guard);
  if (frame.context.org !== undefined) guard.tasks.noteCall(frame);
  if (target === undefined) throw refuse(guard, call, PORT_FAILED);
  return call;
}

/** An application's own task comes first; a task of another copy of core is entered to look. */
function frameOf(task: CallRequest["task"]): ContextFrame {
  const here = currentFrame();
  if (task === undefined || here.tasks.length > 0) return here;
  return (task as Partial<FramedTask>).frame ?? task.run(currentFrame);
}

/** Undefined where the price book fails. */
function resolve(
  guard: GuardRuntime,
  { kind, provider, name }: CallRequest,
  nowMs: number,
): CallTarget | undefined {
  try {
    return guard.targets.resolve(kind, provider, name, nowMs);
  } catch (error) {
    if (isGuardError(error)) throw error;
    return undefined;
  }
}

/** What a refusal is told about. */
function unknownTarget({ kind, provider, name }: CallRequest): CallTarget {
  return new CallTarget(kind, provider, name, undefined, []);
}

/**
 * Gives back whatever a refused call had taken, or may still get from a store that is slow; says
 * what its caller hears.
 */
function undo(guard: GuardRuntime, call: GuardedCall, error: unknown): unknown {
  call.state = "ended";
  call.leave();
  guard.deciding.leave(call);
  giveBack(call, guard);
  const { signal } = call.request;
  const isAbort = signal?.aborted === true && error === signal.reason;
  if (isAbort || call.refused) return error;
  if (!isGuardError(error)) return refuse(guard, call, PORT_FAILED);
  const { code } = error; // a durable store says itself why it refuses
  if (code !== "BR6001" && code !== "BR9001") tellRefusal(guard, call, error, code);
  return error;
}
