import type { PendingCall } from "../call/pending-call.ts";
import type { KeySlot, KeyTable } from "./key-table.ts";
import type { LimitKeys } from "./limit-keys.ts";
import type { LimitRule } from "./limit-rule.ts";

/** Where a call counts under one limit. Shared by calls, so it never changes. */
export interface Place extends KeySlot {
  readonly rule: LimitRule;
  /** Undefined before the first call of an organisation. */
  readonly table: KeyTable | undefined;
}

/** A place in a table that is there. */
export interface OpenPlace extends Place {
  readonly table: KeyTable;
}

/** Whether a place was found, and its key has not moved since. */
export function isOpen(place: Place): place is OpenPlace {
  return place.slot >= 0 && place.table?.generation === place.generation;
}

/** Finds where a call counts, or will. */
export function findPlaces(rules: readonly LimitRule[], call: PendingCall, org: string): Place[] {
  // All keys first: whoever hears of one that is missing may make calls of their own.
  const keysOf: (LimitKeys | undefined)[] = [];
  for (const rule of rules) keysOf.push(rule.coversCaller(call) ? rule.keysOf(call) : undefined);
  const places: Place[] = [];
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as LimitRule;
    const keys = keysOf[index];
    if (keys === undefined) continue;
    const table = rule.find(org);
    if (typeof keys === "string") places.push(placeOf(rule, table, keys));
    else for (const key of keys) places.push(placeOf(rule, table, key));
  }
  return places;
}

function placeOf(rule: LimitRule, table: KeyTable | undefined, key: string): Place {
  const slot = table?.find(key) ?? -1;
  return { rule, table, key, slot, generation: table?.generation ?? 0 };
}

/** Makes the table, or the key in it, that is not there yet; undefined where there is no room. */
export function openPlace(place: Place, org: string, nowMs: number): OpenPlace | undefined {
  if (isOpen(place)) return place;
  const { rule, key } = place;
  const table = rule.open(org, nowMs);
  const slot = table?.open(key, nowMs) ?? -1;
  if (table === undefined || slot < 0) return undefined;
  return { rule, table, key, slot, generation: table.generation };
}
