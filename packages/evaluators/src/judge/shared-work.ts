import { abandoned } from "./judge-error.ts";

type Work<T> = (signal: AbortSignal) => Promise<T>;

interface Running<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  sharers: number;
}

/** Work under way by key, so that the same question asked twice at once is asked once. */
export interface SharedWork<T> {
  /** Whether this key is being worked on, so that joining costs nothing. */
  has(key: string): boolean;
  /**
   * Joins the work of this key, or starts it. Its signal fires when every sharer has left.
   * @throws {JudgeError} `aborted` when `signal` fires first.
   */
  join(key: string, signal: AbortSignal | undefined, work: Work<T>): Promise<T>;
}

/** Makes an empty set of work; as many keys as there are callers that wait. */
export function createSharedWork<T>(): SharedWork<T> {
  const running = new Map<string, Running<T>>();
  const start = (key: string, work: Work<T>): Running<T> => {
    const controller = new AbortController();
    const result = Promise.resolve()
      .then(() => work(controller.signal))
      .finally(() => {
        if (running.get(key) === entry) running.delete(key);
      });
    const entry: Running<T> = { result, controller, sharers: 0 };
    running.set(key, entry);
    return entry;
  };
  return {
    has: (key) => running.has(key),
    join(key, signal, work) {
      if (signal?.aborted === true) return Promise.reject(abandoned());
      const entry = running.get(key) ?? start(key, work);
      entry.sharers++;
      return new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          reject(abandoned());
          if (--entry.sharers > 0) return;
          if (running.get(key) === entry) running.delete(key); // whoever comes now asks anew
          entry.controller.abort();
        };
        signal?.addEventListener("abort", leave, { once: true });
        const stop = (): void => signal?.removeEventListener("abort", leave);
        entry.result.finally(stop).then(resolve, reject);
      });
    },
  };
}
