import type { GuardError, Permit } from "@burnrate/core";
import { cutReason, toFailure } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";

/** A tool call that was admitted. The first of its endings counts. */
export interface OpenCall {
  /** Goes to the SDK: fires for the caller and for a kill. */
  readonly signal: AbortSignal;
  /** The refusal for which the call was cut, if it was. */
  cut(): GuardError | undefined;
  /** @throws {EvaluationFailedError} `BR6001`, after the money is committed. */
  succeed(result: unknown): Promise<unknown>;
  /** Settles a call that ended with an error, or was cut. */
  fail(error: unknown): Promise<unknown>;
  /** The consumer walked away. */
  abandon(): Promise<unknown>;
}

/**
 * Marks an admitted call as sent, unless the SDK will send nothing.
 * @throws {GuardError} when it is refused after all; nothing may be sent then.
 */
export function openCall(permit: Permit, caller: AbortSignal | undefined): OpenCall {
  // The SDK sends nothing for a signal that fired already, and says so in its own words.
  const unsent = caller?.aborted === true;
  if (!unsent) permit.dispatched();
  return {
    signal: unsent ? caller : permit.signal,
    cut: () => cutReason(permit),
    succeed: (result) => permit.settle(toResult(result, permit.wantsOutput)),
    fail: (error) =>
      unsent ? permit.release() : permit.fail(cutReason(permit) ?? toFailure(error, caller)),
    abandon: () => (unsent ? permit.release() : permit.fail(undefined, { abandoned: true })),
  };
}
