import type { Clock } from "../ports/clock.ts";

/** A clock that moves only when told to, so that tests never sleep. */
export interface FakeClock extends Clock {
  /** Moves both clocks on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Makes the wall clock jump, as an administrator or a time server would. */
  setWall(epochMs: number): void;
}

/** Makes a clock that stands at `startMs` (default: noon UTC on 1 January 2026). */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1, 12)): FakeClock {
  let wall = startMs;
  let monotonic = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  function nextDue(
    until: number,
  ): { readonly at: number; readonly callback: () => void } | undefined {
    const due = [...timers].filter((timer) => timer.at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }

  return {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    setTimer(callback, delayMs) {
      const timer = { at: monotonic + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = monotonic + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        wall += timer.at - monotonic;
        monotonic = timer.at;
        timer.callback();
      }
      wall += until - monotonic;
      monotonic = until;
    },
    setWall(epochMs) {
      wall = epochMs;
    },
  };
}
