import type { GuardedCall } from "../call/guarded-call.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";

/**
 * Calls that hold money, oldest first, and the sweeper that ends those which nothing else ended:
 * consumers that walked away, streams that nobody read, handlers that threw.
 */
export class InFlight implements Iterable<GuardedCall> {
  readonly #calls = new Set<GuardedCall>();
  readonly #clock: Clock;
  readonly #sweepEveryMs: number;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, shortestTtlMs: number) {
    this.#clock = clock;
    this.#sweepEveryMs = shortestTtlMs;
  }

  get size(): number {
    return this.#calls.size;
  }

  [Symbol.iterator](): Iterator<GuardedCall> {
    return [...this.#calls].values();
  }

  add(call: GuardedCall): void {
    this.#calls.add(call);
    this.#cancel ??= this.#clock.setTimer(() => this.#sweep(), this.#sweepEveryMs, "background");
  }

  delete(call: GuardedCall): void {
    this.#calls.delete(call);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #sweep(): void {
    this.#cancel = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const call of this.#calls) call.expireIfDue(nowMs);
    if (this.#calls.size > 0) {
      this.#cancel = this.#clock.setTimer(() => this.#sweep(), this.#sweepEveryMs, "background");
    }
  }
}
