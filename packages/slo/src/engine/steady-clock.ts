import type { Clock } from "@burnrate/core";

/**
 * Puts a check behind a clock: an instant that is no number would be in every window, or in none.
 */
export function steadyClock(clock: Clock): Clock {
  let lastMs = 0;
  return {
    wallMs() {
      const nowMs = clock.wallMs();
      if (Number.isFinite(nowMs) && nowMs >= 0) lastMs = nowMs;
      return lastMs;
    },
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (callback, delayMs, background) => clock.setTimer(callback, delayMs, background),
  };
}
