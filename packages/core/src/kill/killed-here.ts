import type { ContextFrame } from "../context/context-frame.ts";
import { KilledError } from "../errors/killed-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { killRefusal } from "../pipeline/check-kill-switch.ts";

/**
 * The error of the kill that covers everything in a frame, if any; a look that records nothing.
 * Under `drain` a task that was running before it may finish.
 */
export function killedHere(
  { killSwitch, tasks }: GuardRuntime,
  frame: ContextFrame,
): KilledError | undefined {
  if (killSwitch.size === 0) return undefined;
  const kill = killSwitch.coversTask(frame, tasks.startedVersion(frame));
  return kill === undefined ? undefined : new KilledError(killRefusal(kill));
}
