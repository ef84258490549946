import { type CancelTimer, systemClock } from "@burnrate/core";

/** Time between two attempts to subscribe. */
const RETRY_MS = 1_000;

/** A subscription that is being made, or is there. */
export interface KeptSubscription {
  /** Tries now: the connection is new. */
  attempt(): void;
  stop(): void;
}

/**
 * Subscribes again and again until the server has taken it: a connection can break at that very
 * moment, or a permission be missing, and clients subscribe anew only to what they once had. Until
 * then whoever listens looks up what it may have missed.
 */
export function keepSubscribing(
  subscribe: () => Promise<unknown>,
  lookUp: () => void,
): KeptSubscription {
  let stopped = false;
  let cancelRetry: CancelTimer = () => {};

  function attempt(): void {
    cancelRetry();
    if (stopped) return;
    subscribe().then(lookUp, () => {
      if (stopped) return;
      lookUp();
      cancelRetry();
      cancelRetry = systemClock.setTimer(attempt, RETRY_MS, "background");
    });
  }

  return {
    attempt,
    stop: () => {
      stopped = true;
      cancelRetry();
    },
  };
}
