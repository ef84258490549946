/** Promises for "as soon as this is true", checked whenever something changed. */
export interface Waiters {
  until(condition: () => boolean): Promise<void>;
  check(): void;
}

/** Makes an empty list of waiters. */
export function createWaiters(): Waiters {
  const waiting = new Map<() => void, () => boolean>();
  return {
    until(condition) {
      if (condition()) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(resolve, condition);
      });
    },
    check() {
      for (const [resolve, condition] of waiting) {
        if (!condition()) continue;
        waiting.delete(resolve);
        resolve();
      }
    },
  };
}
