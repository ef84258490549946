import type { CallRecord, Permit } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";
import type { ToolCall } from "./to-call.ts";
import { toFailure } from "./to-error.ts";

/**
 * Marks an admitted call as sent, unless the SDK will send nothing; then it costs nothing either.
 * Gives the signal that goes to the SDK, which fires for the caller and for a kill.
 * @throws {GuardError} when it is refused after all; nothing may be sent then.
 */
export function openCall(permit: Permit, call: ToolCall): AbortSignal {
  if (!call.isRejectedUnsent()) permit.dispatched();
  // The SDK sends nothing for a signal that fired already, and says so in its own words.
  return call.caller?.aborted === true ? call.caller : permit.signal;
}

/** Settles a call that ended with an error, or was cut. */
export function failCall(permit: Permit, call: ToolCall, error: unknown): Promise<CallRecord> {
  return permit.fail(cutReason(permit) ?? toFailure(error, call));
}
