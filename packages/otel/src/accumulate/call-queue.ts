import type { CallRecord } from "@burnrate/core";

/** A call that was told; `before` is what it was told as first, `captured` where it began. */
export interface ToldCall {
  readonly record: CallRecord;
  readonly before: CallRecord | undefined;
  readonly captured: unknown;
}

/** What is done with each call, in this order. */
export interface CallQueueUse {
  /** Counts it: later than the call, and before anybody reads the counts. */
  count(call: ToldCall): void;
  /** Writes its span; whatever that does, no call and no reader waits for it. */
  write?(call: ToldCall): void;
}

/** Calls that wait for their turn. */
const MAX_QUEUED = 2_048;

/**
 * Takes calls and leaves what is done with them to a turn of the event loop of its own, so that a
 * call pays for a place in a queue and for nothing else. The queue is bounded: when it is full, a
 * call is counted at once, and gets no span.
 */
export class CallQueue {
  /** Calls without a span, because the queue was full. */
  unwritten = 0;
  /** Calls whose span could not be written. */
  writeErrors = 0;
  /** Calls that could not be counted. */
  countErrors = 0;
  readonly #use: CallQueueUse;
  readonly #queue: ToldCall[] = [];
  /** How many of the queue are counted. */
  #counted = 0;
  #scheduled = false;

  constructor(use: CallQueueUse) {
    this.#use = use;
  }

  add(record: CallRecord, before: CallRecord | undefined, captured: unknown): void {
    if (this.#queue.length >= MAX_QUEUED) {
      if (this.#use.write !== undefined) this.unwritten++;
      this.#count({ record, before, captured });
      return;
    }
    this.#queue.push({ record, before, captured });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.drain());
  }

  /** Counts what waits, and writes nothing. */
  count(): void {
    while (this.#counted < this.#queue.length) {
      this.#count(this.#queue[this.#counted++] as ToldCall);
    }
  }

  /** Counts and writes everything that waits. */
  drain(): void {
    this.#scheduled = false;
    this.count();
    this.#counted = 0;
    const waiting = this.#queue.splice(0);
    if (this.#use.write === undefined) return;
    for (const call of waiting) {
      try {
        this.#use.write(call);
      } catch {
        this.writeErrors++;
      }
    }
  }

  #count(call: ToldCall): void {
    try {
      this.#use.count(call);
    } catch {
      this.countErrors++;
    }
  }
}
