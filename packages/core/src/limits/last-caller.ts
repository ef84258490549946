import type { PendingCall } from "../call/pending-call.ts";
import type { CallContext } from "../context/call-context.ts";
import type { LimitRule } from "./limit-rule.ts";
import { isOpen, type Place } from "./place.ts";

/**
 * Where the call before counted. Most calls are of the same caller as the one before, and what
 * they count under is the same: then nothing is looked up for them.
 */
export class LastCaller {
  #rules: readonly LimitRule[] | undefined;
  #context: CallContext = {};
  #places: readonly Place[] = [];

  /** Undefined where it was somebody else, or what it counted under has moved. */
  placesFor({ context }: PendingCall, rules: readonly LimitRule[]): readonly Place[] | undefined {
    if (rules !== this.#rules || !isSameCaller(context, this.#context)) return undefined;
    const places = this.#places;
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as Place;
      if (!isOpen(place)) return undefined;
      place.table.touched = true; // as if it were looked up: it makes room after those left alone
    }
    return places;
  }

  /** Remembers the places of a call under limits that go by nothing but its caller and target. */
  remember({ context }: PendingCall, rules: readonly LimitRule[], places: readonly Place[]): void {
    for (let index = 0; index < rules.length; index++) {
      if (rules[index]?.isByCaller !== true) return;
    }
    this.#rules = rules;
    this.#context = context;
    this.#places = places;
  }
}

/** Whether whatever a limit can be split by, but the task, is the same. */
function isSameCaller(one: CallContext, other: CallContext): boolean {
  return (
    one.org === other.org &&
    one.team === other.team &&
    one.user === other.user &&
    one.agent === other.agent &&
    one.session === other.session
  );
}
