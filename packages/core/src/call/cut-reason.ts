import { type GuardError, isGuardError } from "../errors/guard-error.ts";
import { killOf } from "./kill-of.ts";
import type { Permit } from "./permit.ts";

/** The refusal for which a call in flight was cut; undefined when it was not, or by its caller. */
export function cutReason(permit: Permit): GuardError | undefined {
  const kill = killOf(permit);
  if (kill !== undefined) return kill;
  const { aborted, reason } = permit.signal;
  return aborted && isGuardError(reason) ? reason : undefined;
}
