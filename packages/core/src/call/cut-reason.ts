import { type GuardError, isGuardError } from "../errors/guard-error.ts";
import { killOf } from "./kill-of.ts";
import type { Permit } from "./permit.ts";

/**
 * The refusal for which a call in flight was cut; undefined when it was not, or by its caller.
 * Asked after each call, so no signal is made to find out.
 */
export function cutReason(permit: Permit): GuardError | undefined {
  if ("kill" in permit && permit.kill === undefined) {
    return "cutBy" in permit ? (permit.cutBy as GuardError | undefined) : undefined;
  }
  const kill = killOf(permit);
  if (kill !== undefined) return kill;
  const { aborted, reason } = permit.signal;
  return aborted && isGuardError(reason) ? reason : undefined;
}
