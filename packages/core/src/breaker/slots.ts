import type { CallRecord } from "../call/call-record.ts";
import type { GateHold } from "../ports/gate.ts";

/**
 * How many calls may run at a time while a circuit is probed, and after: twice as many with each
 * round of good ends, so that a recovery is not overrun. A call may run for long, or hang: it keeps
 * its slot from others for `keepMs`, and no longer.
 */
export class Slots {
  width: number;
  readonly #keepMs: number;
  #taken = 0;
  /** Good ends of this round. */
  #good = 0;
  /** Numbers the times that all slots were handed out anew. */
  #batch = 0;
  #batchMs: number;

  constructor(width: number, keepMs: number, nowMs: number) {
    this.width = width;
    this.#keepMs = keepMs;
    this.#batchMs = nowMs;
  }

  hasRoom(nowMs: number): boolean {
    return this.#taken < this.width || nowMs - this.#batchMs >= this.#keepMs;
  }

  /** Ask `hasRoom` before. `onEnd` hears of a call that was made, once. */
  take(nowMs: number, onEnd: (record: CallRecord, atMs: number | undefined) => void): GateHold {
    if (this.#taken >= this.width) {
      this.#batch++;
      this.#batchMs = nowMs;
      this.#taken = 0;
    }
    this.#taken++;
    const batch = this.#batch;
    let isOut = true;
    return {
      release: (record, atMs) => {
        if (!isOut) return;
        isOut = false;
        if (batch === this.#batch) this.#taken--;
        if (record !== undefined) onEnd(record, atMs);
      },
    };
  }

  /** Counts a good end; true when the round is done, and twice as many may run. */
  isRoundDone(): boolean {
    if (++this.#good < this.width) return false;
    this.#good = 0;
    this.width *= 2;
    return true;
  }
}
