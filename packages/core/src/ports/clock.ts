/** Cancels a timer; calling it again does nothing. */
export type CancelTimer = () => void;

/**
 * Time as a port, so that tests never sleep: the wall clock decides windows, the monotonic one
 * measures durations, and timers never keep a process alive.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump, in both directions. */
  wallMs(): number;
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`, at most 2^31 − 1. */
  setTimer(callback: () => void, delayMs: number): CancelTimer;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
