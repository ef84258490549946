import type { GuardedCall } from "../call/guarded-call.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";

/** Silent calls that a kill or the caller can still cut; the oldest make room. */
const MAX_SILENT = 1_000;

/**
 * Calls that hold money, oldest first, and the sweeper that ends those which nothing else ended:
 * consumers that walked away, streams that nobody read, handlers that threw. One that was sent may
 * be running all the same: it is charged and holds nothing, but kills still reach it.
 */
export class InFlight implements Iterable<GuardedCall> {
  readonly #calls = new Set<GuardedCall>();
  readonly #silent = new Set<GuardedCall>();
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
    return [...this.#silent, ...this.#calls].values();
  }

  add(call: GuardedCall): void {
    this.#calls.add(call);
    this.#cancel ??= this.#clock.setTimer(() => this.#sweep(), this.#sweepEveryMs, "background");
  }

  delete(call: GuardedCall): void {
    if (!this.#calls.delete(call)) this.#silent.delete(call);
  }

  /** Keeps a call within reach that was sent and charged, and may never end. */
  keepSilent(call: GuardedCall): void {
    this.#calls.delete(call);
    this.#silent.add(call);
    const [oldest] = this.#silent;
    if (this.#silent.size > MAX_SILENT) oldest?.leave();
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
