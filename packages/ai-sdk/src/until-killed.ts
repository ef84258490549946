import { isGuardError, type Permit } from "@burnrate/core";

/** What runs may not listen to its signal; a kill ends the wait for it all the same. */
export function untilKilled<T>(permit: Permit, run: () => PromiseLike<T>): Promise<T> {
  const { signal } = permit;
  if (signal.aborted && isGuardError(signal.reason)) return Promise.reject(signal.reason);
  // Not a race of two promises, which costs half a microsecond more.
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      if (isGuardError(signal.reason)) reject(signal.reason);
    };
    const stop = (): void => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    const onThrown = (error: unknown): void => {
      stop();
      reject(error);
    };
    try {
      run().then((value) => {
        stop();
        resolve(value);
      }, onThrown);
    } catch (error) {
      onThrown(error);
    }
  });
}
