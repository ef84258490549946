import type { Permit } from "@burnrate/core";
import type { Method } from "./method.ts";
import { type CallParams, fieldsOf } from "./sdk-types.ts";
import { statedLimit } from "./to-call.ts";

/**
 * What hooks on one call tell each other. The innermost is next to the provider: what it saw is
 * what the call's permit ends with. A middleware between two hooks may go on after it failed;
 * whether the answer that then comes was charged already, only a hook around both can tell.
 */

/** Permits of hooks that cannot change a request: nobody has sent their limit and signal yet. */
const bare = new WeakSet<Permit>();
/** By how many hooks further inside a permit was taken over. */
const joined = new WeakMap<Permit, number>();
/** How those ended there, when they failed. */
const failures = new WeakMap<Permit, { readonly error: unknown }>();
/** Answers, and the usage in them, that were charged while such a failure was open. */
const charged = new WeakSet<object>();
/** How many failures are open; marks cost something, and mostly nobody looks for them. */
let openFailures = 0;

/** Remembers a permit whose hook cannot change the request. */
export function markBare(permit: Permit): void {
  bare.add(permit);
}

/** A hook takes a permit over; the number says how far inside it is. */
export function joinCall(permit: Permit): number {
  const depth = (joined.get(permit) ?? 0) + 1;
  joined.set(permit, depth);
  return depth;
}

/**
 * What an inner hook sends with a permit that it takes over: where the outer one could not, or a
 * middleware between them undid it, with its limit and signal.
 */
export function joinedParams<P extends CallParams>(
  params: P,
  permit: Permit,
  method: Pick<Method<P, unknown>, "toParams">,
): P {
  const { abortSignal } = params;
  const limited = method.toParams(params, permit);
  if (bare.delete(permit)) {
    if (abortSignal === undefined) return limited;
    return { ...limited, abortSignal: AbortSignal.any([abortSignal, permit.signal]) };
  }
  const most = statedLimit(limited);
  const own = statedLimit(params);
  const isWithin = most === undefined || (own !== undefined && own <= most);
  if (isWithin && abortSignal !== undefined) return params;
  const maxOutputTokens = isWithin ? own : most;
  return {
    ...params,
    abortSignal: abortSignal ?? permit.signal,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** Whether a hook further inside took the permit over: what is on its way is that one's to tell. */
export function isJoined(permit: Permit, depth: number): boolean {
  return (joined.get(permit) ?? 0) > depth;
}

/**
 * Whether an answer comes from a hook further inside, which settles the call and holds text back.
 */
export function isAnsweredInside(permit: Permit, depth: number): boolean {
  return isJoined(permit, depth) && !failures.has(permit);
}

/** A permit that was taken over has failed; the hook that opened it ends it. */
export function noteFailure(permit: Permit, error: unknown): void {
  if (failures.has(permit)) return;
  openFailures += 1;
  failures.set(permit, { error });
}

/** The failure further inside, if there was one: it is over for the permit. */
export function takeFailure(permit: Permit): { readonly error: unknown } | undefined {
  if (openFailures === 0) return undefined;
  const failure = failures.get(permit);
  if (failures.delete(permit)) openFailures -= 1;
  return failure;
}

/** An answer, or the part that ends a stream, was charged. */
export function noteCharged(answer: unknown): void {
  if (openFailures === 0) return;
  for (const one of [answer, fieldsOf(answer)["usage"]]) {
    if (typeof one === "object" && one !== null) charged.add(one);
  }
}

/** Whether another attempt was charged for an answer. */
export function isCharged(answer: unknown): boolean {
  const { usage } = fieldsOf(answer);
  return charged.has(answer as object) || charged.has(usage as object);
}
