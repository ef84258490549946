import type { Clock, StateStore } from "@burnrate/core";
import { inTime, LATE, type MaybePromise } from "@burnrate/core/adapter";

/** What the engine uses of the state port. */
export type ReadWrite = Pick<StateStore, "read" | "write">;

/** A store that has not answered by then is away; whatever it still does is recognised later. */
const PATIENCE_MS = 10_000;

/** What is thrown for a store that hangs. */
export const SLOW: Error = new Error("the store did not answer in time");

/** Bounds every wait for a store, so that one that hangs stops neither the exchange nor `close`. */
export function timedStore(store: ReadWrite, clock: Clock): ReadWrite {
  const answerOf = async <T>(ask: () => MaybePromise<T>): Promise<T> => {
    const answer = await inTime(clock, PATIENCE_MS, ask);
    if (answer === LATE) throw SLOW;
    return answer;
  };
  return {
    read: (key) => answerOf(() => store.read(key)),
    write: (key, value, seen) => answerOf(() => store.write(key, value, seen)),
  };
}
