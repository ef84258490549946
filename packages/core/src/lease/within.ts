import type { Clock } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";

/** Does something that may never end; after so many ms, says whether it is done or not. */
export function within(
  clock: Clock,
  ms: number,
  work: () => MaybePromise<void>,
): Promise<"done" | "late"> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(() => resolve("late"), ms);
    (async () => work())()
      .then(() => resolve("done"), reject)
      .finally(() => cancel());
  });
}
