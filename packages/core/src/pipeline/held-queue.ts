import type { CancelTimer, Clock } from "../ports/clock.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { Refusal } from "./refusal.ts";

const MAX_WAITING = 1_000;
const MAX_WAIT_MS = 30_000;
const MAX_AT_ONCE = 64;

/** Tries again: `held` while only held money is in the way. */
export type HeldAttempt = () => MaybePromise<"admitted" | "held" | Refusal>;

interface Waiter {
  readonly attempt: HeldAttempt;
  readonly finish: (result: Refusal | undefined) => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * Calls that wait because money is held, not spent. Whenever some comes back they try again, first
 * in first out; one that does not fit lets those behind it try, so that a big one starves nobody.
 */
export class HeldQueue {
  readonly #waiting = new Set<Waiter>();
  readonly #clock: Clock;
  #closed = false;
  #draining = false;
  #again = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether another call may wait. */
  get hasRoom(): boolean {
    return !this.#closed && this.#waiting.size < MAX_WAITING;
  }

  /** Refuses those who wait, and lets nobody wait any more. */
  close(refusal: Refusal): void {
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.finish(refusal);
  }

  /** Waits until an attempt is decided, or `onTimeout` is due; rejects with the signal's reason. */
  wait(
    attempt: HeldAttempt,
    signal: AbortSignal | undefined,
    onTimeout: () => Refusal,
    maxWaitMs: number = MAX_WAIT_MS,
  ): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      let cancel: CancelTimer | undefined;
      const leave = (): void => {
        this.#waiting.delete(waiter);
        cancel?.();
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        attempt,
        finish: (result) => {
          leave();
          resolve(result);
        },
        fail: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.fail(signal?.reason);
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      cancel = this.#clock.setTimer(() => waiter.finish(onTimeout()), maxWaitMs);
      this.#waiting.add(waiter);
    });
  }

  /** Something came back, or a kill changed: let those who wait look again. */
  changed(): void {
    if (this.#waiting.size === 0) return;
    this.#again = true;
    if (!this.#draining) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#again) {
      this.#again = false;
      await this.#tryAll();
    }
    this.#draining = false;
  }

  /** In order; where a store is asked, many at a time go out in one round trip. */
  async #tryAll(): Promise<void> {
    let asked: Promise<void>[] = [];
    for (const waiter of this.#waiting) {
      const trying = this.#try(waiter);
      if (trying !== undefined) asked.push(trying);
      if (asked.length < MAX_AT_ONCE) continue;
      await Promise.all(asked);
      asked = [];
    }
    await Promise.all(asked);
  }

  #try(waiter: Waiter): Promise<void> | undefined {
    try {
      const attempt = waiter.attempt();
      if (!isPromise(attempt)) return decide(waiter, attempt);
      return attempt.then((result) => decide(waiter, result)).catch((error) => waiter.fail(error));
    } catch (error) {
      waiter.fail(error);
      return undefined;
    }
  }
}

function decide(waiter: Waiter, result: Awaited<ReturnType<HeldAttempt>>): undefined {
  if (result !== "held") waiter.finish(result === "admitted" ? undefined : result);
}
