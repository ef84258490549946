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
  succeed(result: unknown): Promise<void>;
  /** Settles a call that ended with an error, or was cut. */
  fail(error: unknown): Promise<void>;
  /** The consumer walked away. */
  abandon(): Promise<void>;
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
    async succeed(result) {
      await permit.settle(toResult(result, permit.wantsOutput));
    },
    async fail(error) {
      if (unsent) await permit.release();
      else await permit.fail(cutReason(permit) ?? toFailure(error, caller));
    },
    async abandon() {
      if (unsent) await permit.release();
      else await permit.fail(undefined, { abandoned: true });
    },
  };
}
