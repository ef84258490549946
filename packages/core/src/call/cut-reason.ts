import { type GuardError, isGuardError } from "../errors/guard-error.ts";
import type { GuardedCall } from "./guarded-call.ts";
import { killOf } from "./kill-of.ts";
import type { Permit } from "./permit.ts";

/**
 * The refusal for which a call in flight was cut: its own, or that of a call around it (a tool, a
 * hook of another guard), whose signal it was given. Undefined when it was not, or when its caller
 * changed their mind. Asked after each call, so no signal is made to find out.
 */
export function cutReason(permit: Permit): GuardError | undefined {
  if ("kill" in permit && permit.kill === undefined) {
    const { cutBy, request } = permit as Partial<GuardedCall>;
    return cutBy ?? refusalIn(request?.signal);
  }
  return killOf(permit) ?? refusalIn(permit.signal);
}

function refusalIn(signal: AbortSignal | undefined): GuardError | undefined {
  return signal?.aborted === true && isGuardError(signal.reason) ? signal.reason : undefined;
}
