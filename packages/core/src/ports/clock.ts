import { performance } from "node:perf_hooks"; // the global is a getter, which each look would pay

/** Cancels a timer; calling it again does nothing. */
export type CancelTimer = () => void;

/**
 * Time as a port, so that tests never sleep: the wall clock decides windows, the monotonic one
 * measures durations.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump, in both directions. */
  wallMs(): number;
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  monotonicMs(): number;
  /**
   * Calls back once after `delayMs`, at most 2^31 − 1. Somebody waits for it, so it keeps the
   * process alive, unless it is for the `background`.
   */
  setTimer(callback: () => void, delayMs: number, background?: "background"): CancelTimer;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs, background) => {
    const timer = setTimeout(callback, delayMs);
    if (background !== undefined) timer.unref();
    return () => clearTimeout(timer);
  },
};
