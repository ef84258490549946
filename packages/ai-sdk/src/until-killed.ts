import { isGuardError, type Permit } from "@burnrate/core";

/** What runs may not listen to its signal; a kill ends the wait for it all the same. */
export async function untilKilled<T>(permit: Permit, run: () => PromiseLike<T>): Promise<T> {
  const { signal } = permit;
  if (signal.aborted && isGuardError(signal.reason)) throw signal.reason;
  let stop = (): void => undefined;
  const killed = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      if (isGuardError(signal.reason)) reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  killed.catch(() => undefined);
  try {
    return await Promise.race([run(), killed]);
  } finally {
    stop();
  }
}
