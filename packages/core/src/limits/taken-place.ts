import type { CallRecord } from "../call/call-record.ts";
import type { GateHold } from "../ports/gate.ts";
import type { KeyTable } from "./key-table.ts";

/** What a call took from one key, and what it took before from others. Given back once. */
export class TakenPlace implements GateHold {
  readonly #table: KeyTable;
  readonly #slot: number;
  readonly #key: string;
  readonly #note: number;
  readonly #nowMs: () => number;
  readonly #before: TakenPlace | undefined;
  #released = false;

  constructor(
    table: KeyTable,
    slot: number,
    key: string,
    nowMs: () => number,
    takenMs: number,
    before: TakenPlace | undefined,
  ) {
    this.#table = table;
    this.#slot = slot;
    this.#key = key;
    this.#nowMs = nowMs;
    this.#before = before;
    this.#note = table.take(slot, takenMs);
  }

  release(record: CallRecord | undefined): void {
    if (this.#released) return;
    this.#released = true;
    // Only what a refused call gives back depends on the time.
    const nowMs = record === undefined ? this.#nowMs() : 0;
    this.#table.end(this.#slot, this.#key, this.#note, nowMs, record);
    this.#before?.release(record);
  }
}
