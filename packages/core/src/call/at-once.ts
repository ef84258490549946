import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { CallRequest } from "./call-request.ts";
import type { Permit } from "./permit.ts";

/** Under this name a guard's `begin` carries itself without a promise, for all copies of core. */
const NOW: unique symbol = Symbol.for("burnrate.begin-at-once.v1") as never;

type Begin = (request: CallRequest) => Promise<Permit>;
type BeginNow = (request: CallRequest) => MaybePromise<Permit>;

/** `begin`, and the same for hooks that can go on at once. */
export interface AtOnceBegin extends Begin {
  /** Says whose it is: what takes the place of `begin` may have inherited or copied this. */
  readonly [NOW]: { readonly of: Begin; readonly now: BeginNow };
}

/** Makes a guard's `begin` of one that answers, or throws, at once where it can. */
export function withAtOnce(now: BeginNow): AtOnceBegin {
  const begin: Begin = (request) => {
    try {
      const permit = now(request);
      return isPromise(permit) ? permit : Promise.resolve(permit);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return Object.assign(begin, { [NOW]: { of: begin, now } });
}

/**
 * Begins a call without a promise where nothing is waited for: what a framework's call costs more
 * by a promise that is awaited is 0.2 µs. Throws what `begin` rejects with. A `begin` that is not
 * core's own, because it was replaced, is asked as ever.
 * @throws {GuardError} when the call is refused.
 */
export function beginAtOnce(
  guard: { readonly begin: Begin },
  request: CallRequest,
): MaybePromise<Permit> {
  const own = (guard.begin as Partial<AtOnceBegin>)[NOW];
  return own?.of === guard.begin ? own.now(request) : guard.begin(request);
}

/**
 * Whether a call has ended with nothing more to wait for: its money is in the ledger, and no
 * evaluator has a say. The promise of its end is fulfilled then.
 */
export function isDone(permit: Permit): boolean {
  return (permit as { readonly done?: boolean }).done === true;
}
