import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { Clock } from "../ports/clock.ts";
import type { GateHold } from "../ports/gate.ts";
import type { Taken } from "./limit-counter.ts";
import { NONE } from "./limit-keys.ts";
import { type OpenPlace, openPlace, type Place } from "./place.ts";

/** A place that a call took. */
interface TakenPlace extends Taken {
  readonly place: OpenPlace;
  readonly before: TakenPlace | undefined;
}

/** What a call would take under its limits, and then what it took. Given back once. */
export class CallPlaces implements GateHold {
  readonly callId: string;
  readonly lookedMs: number;
  readonly #org: string;
  readonly #clock: Clock;
  readonly #places: readonly Place[];
  #last: TakenPlace | undefined;

  constructor(
    { id, context }: PendingCall,
    lookedMs: number,
    clock: Clock,
    places: readonly Place[],
  ) {
    this.callId = id;
    this.lookedMs = lookedMs;
    this.#org = context.org ?? NONE;
    this.#clock = clock;
    this.#places = places;
    this.#last = undefined;
  }

  /** Takes all of it, or nothing when there is no room for another key. */
  take(): Refusal | undefined {
    const atMs = this.lookedMs;
    for (const wanted of this.#places) {
      const place = openPlace(wanted, this.#org, atMs);
      if (place === undefined) {
        this.#giveBack(undefined, atMs);
        return wanted.rule.full();
      }
      const note = place.table.take(place.slot, atMs);
      this.#last = { place, note, atMs, before: this.#last };
    }
    return undefined;
  }

  release(record: CallRecord | undefined): void {
    // Only what a call gives back that was not sent depends on the time.
    const isSent = record !== undefined && record.outcome !== "released";
    this.#giveBack(record, isSent ? 0 : this.#clock.monotonicMs());
  }

  #giveBack(record: CallRecord | undefined, nowMs: number): void {
    for (let taken = this.#last; taken !== undefined; taken = taken.before) {
      taken.place.table.end(taken.place, taken, nowMs, record);
    }
    this.#last = undefined;
  }
}
