import type { BreakerRules } from "./check-breaker-options.ts";

/** The largest part by which chance shortens the time that a circuit is open. */
const JITTER = 0.2;
/** 2 to this times the shortest time is longer than any longest. */
const MAX_DOUBLINGS = 30;

/**
 * How long a circuit is open: twice as long each time that it reopens, up to a bound, and shortened
 * by chance, so that processes do not probe together.
 */
export function openTimeMs(
  { openMs, maxOpenMs, random }: BreakerRules,
  timesReopened: number,
): number {
  const longestMs = Math.min(maxOpenMs, openMs * 2 ** Math.min(timesReopened, MAX_DOUBLINGS));
  const chance = random();
  const part = chance >= 0 && chance <= 1 ? chance * JITTER : 0;
  return Math.ceil(longestMs * (1 - part));
}
