import { type GuardError, isGuardError } from "../errors/guard-error.ts";
import type { Permit } from "./permit.ts";

/**
 * The kill that cut a call in flight. What did not listen to the permit's signal answers all the
 * same: nobody should be given that. Asked after each call, so no signal is made to find out.
 */
export function killOf(permit: Permit): GuardError | undefined {
  if ("kill" in permit && permit.kill === undefined) return undefined;
  const { aborted, reason } = permit.signal;
  return aborted && isGuardError(reason) && reason.code === "BR1001" ? reason : undefined;
}
