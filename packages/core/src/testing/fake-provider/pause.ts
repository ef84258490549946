import { setImmediate, setTimeout } from "node:timers/promises";

/** Waits between chunks; the signal fires when there is nobody left to wait for. Never rejects. */
export type Pause = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** Yields to the event loop for a delay of 0, else sleeps in real time. */
export const pauseInRealTime: Pause = async (delayMs, signal) => {
  if (delayMs === 0) {
    await setImmediate();
    return;
  }
  try {
    await setTimeout(delayMs, undefined, { signal, ref: false });
  } catch {
    // The client has gone; the caller looks at the signal.
  }
};
