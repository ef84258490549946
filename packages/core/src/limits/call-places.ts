import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { Clock } from "../ports/clock.ts";
import type { GateHold } from "../ports/gate.ts";
import type { KeyTable } from "./key-table.ts";
import type { Taken } from "./limit-counter.ts";
import { type LimitKeys, NONE } from "./limit-keys.ts";
import type { LimitRule } from "./limit-rule.ts";

/** A place under one limit. */
interface Place extends Taken {
  readonly rule: LimitRule;
  table: KeyTable | undefined;
  readonly key: string;
  /** Where the key stands in the table; −1 while it is new. */
  slot: number;
  note: number;
  readonly before: Place | undefined;
}

/** What a call would take under its limits, and then what it took. Given back once. */
export class CallPlaces implements GateHold {
  readonly callId: string;
  readonly lookedMs: number;
  readonly #org: string;
  readonly #clock: Clock;
  #last: Place | undefined;

  constructor({ id, context }: PendingCall, lookedMs: number, clock: Clock) {
    this.callId = id;
    this.lookedMs = lookedMs;
    this.#org = context.org ?? NONE;
    this.#clock = clock;
    this.#last = undefined;
  }

  /** Notes what is wanted under one limit, unless it does not fit. */
  lookAt(rule: LimitRule, keys: LimitKeys): Refusal | undefined {
    const table = rule.find(this.#org);
    if (typeof keys === "string") return this.#lookAtKey(rule, table, keys);
    for (const key of keys) {
      const refusal = this.#lookAtKey(rule, table, key);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Takes all of it, or nothing when there is no room for another key. */
  take(): Refusal | undefined {
    for (let place = this.#last; place !== undefined; place = place.before) {
      const table = place.table ?? place.rule.open(this.#org, this.lookedMs);
      const slot = table?.open(place.key, this.lookedMs, place.slot) ?? -1;
      if (table === undefined || slot < 0) {
        this.#giveBack(place, undefined, this.lookedMs);
        return place.rule.full();
      }
      place.table = table;
      place.slot = slot;
      place.note = table.take(slot, this.lookedMs);
    }
    return undefined;
  }

  release(record: CallRecord | undefined): void {
    // Only what a refused call gives back depends on the time.
    this.#giveBack(undefined, record, record === undefined ? this.#clock.monotonicMs() : 0);
  }

  #lookAtKey(rule: LimitRule, table: KeyTable | undefined, key: string): Refusal | undefined {
    const slot = table === undefined ? -1 : table.find(key);
    if (table !== undefined && slot >= 0) {
      const waitMs = table.waitMs(slot, this.lookedMs);
      if (waitMs > 0) return rule.refusal(key, waitMs);
    }
    this.#last = { rule, table, key, slot, note: 0, atMs: this.lookedMs, before: this.#last };
    return undefined;
  }

  /** Those that were taken: up to the one that there was no room for. */
  #giveBack(until: Place | undefined, record: CallRecord | undefined, nowMs: number): void {
    for (let place = this.#last; place !== until && place !== undefined; place = place.before) {
      place.table?.end(place.slot, place.key, place, nowMs, record);
    }
    this.#last = undefined;
  }
}
