import type { Clock } from "@burnrate/core";

/** Longest time that timers can wait. */
export const MAX_MS: number = 2 ** 31 - 1;

/** How a piece of work ended. */
export type Ended<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "late" };

/**
 * Runs work that may hang or throw, to an end in time. Its signal fires at the deadline, and when
 * `outer` fires; whoever ignores it is left behind. Never rejects.
 */
export function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<Ended<T>> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const finish = (ended: Ended<T>): void => {
      cancel();
      outer?.removeEventListener("abort", giveUp);
      resolve(ended);
    };
    const giveUp = (): void => {
      controller.abort();
      finish({ kind: "late" });
    };
    const cancel = clock.setTimer(giveUp, timeoutMs);
    outer?.addEventListener("abort", giveUp, { once: true });
    if (outer?.aborted === true) {
      giveUp();
      return;
    }
    Promise.resolve()
      .then(() => work(controller.signal))
      .then(
        (value) => finish({ kind: "done", value }),
        (error: unknown) => finish({ kind: "threw", error }),
      );
  });
}
