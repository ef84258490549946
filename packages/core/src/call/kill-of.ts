import { type GuardError, isGuardError } from "../errors/guard-error.ts";
import { KilledError } from "../errors/killed-error.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import { killRefusal } from "../pipeline/check-kill-switch.ts";
import type { Permit } from "./permit.ts";

/**
 * The kill that cut a call in flight. What did not listen to the permit's signal answers all the
 * same: nobody should be given that. Asked after each call, so no signal is made to find out. A
 * signal that had fired for the caller before says nothing of the kill, which counts all the same.
 */
export function killOf(permit: Permit): GuardError | undefined {
  const kill = "kill" in permit ? (permit.kill as ActiveKill | undefined) : undefined;
  if ("kill" in permit && kill === undefined) return undefined;
  const { aborted, reason } = permit.signal;
  if (aborted && isGuardError(reason) && reason.code === "BR1001") return reason;
  return kill && new KilledError(killRefusal(kill));
}
