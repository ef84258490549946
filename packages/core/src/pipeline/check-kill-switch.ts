import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { Refusal } from "./refusal.ts";

/** Refuses what a kill covers. Without any kill it costs one comparison. */
export function checkKillSwitch(
  call: GuardedCall,
  { killSwitch }: GuardRuntime,
): Refusal | undefined {
  call.killVersion = killSwitch.version;
  if (killSwitch.size === 0) return undefined;
  const kill = killSwitch.covers(call);
  return kill === undefined ? undefined : killRefusal(kill);
}

/** Says which kill, who pulled it and how to take it back. */
export function killRefusal(kill: ActiveKill): Refusal {
  const remedy =
    kill.source === undefined
      ? `guard.revive("${kill.id}", { reason, by })`
      : `take it back where it came from (${kill.source})`;
  return {
    code: "BR1001",
    message: `stopped by kill ${kill.id} (level ${kill.level}, by ${kill.by}: ${kill.reason}). To go on: ${remedy}.`,
    scope: `kill:${kill.id}`,
    details: {
      killId: kill.id,
      level: kill.level,
      target: kill.target,
      reason: kill.reason,
      by: kill.by,
      ...(kill.expiresAtMs !== undefined && { expiresAtMs: kill.expiresAtMs }),
      ...(kill.source !== undefined && { source: kill.source }),
    },
  };
}
