import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../ports/clock.ts";

/** When a question was asked, on both clocks of this process. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** An answer that took longer says little of what time it is: half of its way may be all of it. */
const MAX_TRIP_MS = 1_000;

/** A lease ends for its holder this part of its life earlier than for the store. */
const MARGIN = 0.1;

/**
 * The store's wall clock, as far as this process can know it: the offset of the newest reply to the
 * monotonic clock. It never goes back, so that a window that has ended stays over.
 */
export class StoreTime {
  readonly #clock: Clock;
  readonly #windows: Ledger["windows"];
  #offsetMs: number | undefined;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, windows: Ledger["windows"]) {
    this.#clock = clock;
    this.#windows = windows;
  }

  /** Decides windows: the store's time where it says so, else this machine's. */
  nowMs(): number {
    if (this.#windows === "guard" || this.#offsetMs === undefined) return this.#clock.wallMs();
    this.#latestMs = Math.max(this.#latestMs, this.#clock.monotonicMs() + this.#offsetMs);
    return this.#latestMs;
  }

  moment(): Moment {
    return { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
  }

  /**
   * Learns from a reply to what was asked at `sent`: half of the way there, half back. Of a slow
   * answer, or one that came while this machine slept, only when nothing better is known.
   */
  learn(nowMs: number | undefined, sent: Moment): void {
    if (nowMs === undefined) return;
    const tookMs = Math.max(
      this.#clock.monotonicMs() - sent.monotonicMs,
      this.#clock.wallMs() - sent.wallMs,
    );
    if (tookMs > MAX_TRIP_MS && this.#offsetMs !== undefined) return;
    this.#offsetMs = nowMs - (sent.monotonicMs + this.#clock.monotonicMs()) / 2;
  }

  /**
   * Until when a lease may be spent, on both clocks of this process, counted from when it was asked
   * for and with a margin. The monotonic clock stands still while a machine sleeps, the wall clock
   * can be set back: whichever is first ends it.
   */
  deadline(expiresAtMs: number, nowMs: number | undefined, sent: Moment): Moment {
    if (expiresAtMs === Number.POSITIVE_INFINITY) {
      return { monotonicMs: expiresAtMs, wallMs: expiresAtMs };
    }
    const left = (expiresAtMs - (nowMs ?? sent.wallMs)) * (1 - MARGIN);
    return { monotonicMs: sent.monotonicMs + left, wallMs: sent.wallMs + left };
  }

  isOver(deadline: Moment, now: Moment = this.moment()): boolean {
    return now.monotonicMs >= deadline.monotonicMs || now.wallMs >= deadline.wallMs;
  }
}
