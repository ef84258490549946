import type { Clock, StateStore } from "@burnrate/core";
import { isPromise, type MaybePromise } from "@burnrate/core/adapter";

/** What the engine uses of the state port. */
export type ReadWrite = Pick<StateStore, "read" | "write">;

/** A store that has not answered by then is away; whatever it still does is recognised later. */
const PATIENCE_MS = 10_000;

/** What is thrown for a store that hangs. */
export const SLOW: Error = new Error("the store did not answer in time");

/** Bounds every wait for a store, so that one that hangs stops neither the exchange nor `close`. */
export function timedStore(store: ReadWrite, clock: Clock): ReadWrite {
  return {
    read: (key) => inTime(store.read(key), clock),
    write: (key, value, seen) => inTime(store.write(key, value, seen), clock),
  };
}

function inTime<T>(answer: MaybePromise<T>, clock: Clock): MaybePromise<T> {
  if (!isPromise(answer)) return answer;
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.setTimer(() => reject(SLOW), PATIENCE_MS);
    answer.then(resolve, reject).finally(cancel);
  });
}
