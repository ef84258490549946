import type { CancelTimer } from "../ports/clock.ts";

/**
 * A token bucket without a burst, for one account that throttles: each call moves the instant at
 * which the next may go by its amount at the pace of the moment (what remains ÷ the time that is
 * left). A call that used less than it had reserved moves it back. It begins anew after a while in
 * which the account did not throttle, and when its limit is raised or less was spent than thought.
 *
 * @see ITU-T I.371, the generic cell rate algorithm, of which this is the case without tolerance
 */
export class Pacer {
  /** The amounts of the calls that wait. */
  waiting = 0;
  /** The timer for the instant at which the next call may go, and when it is due. */
  watch: { readonly atMs: number; readonly cancel: CancelTimer } | undefined;
  /** Numbers the times that the pace began. */
  round = 0;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** How long until the next call may go; 0 when it may go now. On the monotonic clock. */
  delayMs(nowMs: number): number {
    return Math.max(0, this.#freeAtMs - nowMs);
  }

  /** Lets a call go. */
  take(amount: number, msPerUnit: number, nowMs: number): void {
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + amount * msPerUnit;
  }

  /** A call did not use all that it had taken in this round, at the pace of that moment. */
  giveBack(amount: number, msPerUnit: number, round: number): void {
    if (round === this.round) this.#freeAtMs -= amount * msPerUnit;
  }

  /** What was taken at another pace is in nobody's way any more. */
  startAnew(): void {
    this.round++;
    this.#freeAtMs = Number.NEGATIVE_INFINITY;
  }
}
