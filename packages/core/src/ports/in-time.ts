import type { Clock } from "./clock.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Longest that a kill log may take for a line that is not urgent. */
export const LOG_MS = 10_000;

/** What {@link inTime} resolves to when nothing else came. */
export const LATE: unique symbol = Symbol("late");

/** What somebody else's function answers, or `LATE` when it does not within so many milliseconds. */
export function inTime<T>(
  clock: Clock,
  timeoutMs: number,
  ask: () => MaybePromise<T>,
): Promise<T | typeof LATE> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => resolve(LATE), timeoutMs);
    const asking = (async () => ask())();
    void asking.then(resolve, reject).finally(cancel);
  });
}
