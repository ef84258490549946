import type { Tiers } from "./rate-set.ts";

/** Prices that hold from a date, or between two times of each day, both UTC. */
export interface Variant {
  /** Epoch milliseconds, inclusive. */
  readonly sinceMs?: number;
  /** Milliseconds after midnight UTC, half-open; may pass midnight. */
  readonly daily?: readonly [fromMs: number, untilMs: number];
  readonly tiers: Tiers;
}

/** The prices of a model over time, the first of which holds when no other applies. */
export type Schedule = readonly [Variant, ...Variant[]];

const DAY_MS = 86_400_000;

/** The last variant that applies, or the first, as genai-prices reads its conditions. */
export function variantAt(schedule: Schedule, atMs: number): Variant {
  for (let i = schedule.length - 1; i > 0; i--) {
    const variant = schedule[i];
    if (variant !== undefined && applies(variant, atMs)) return variant;
  }
  return schedule[0];
}

function applies({ sinceMs, daily }: Variant, atMs: number): boolean {
  if (sinceMs !== undefined) return atMs >= sinceMs;
  if (daily === undefined) return true;
  const [from, until] = daily;
  const time = timeOfDay(atMs);
  return until < from ? time >= from || time < until : time >= from && time < until;
}

function timeOfDay(atMs: number): number {
  return ((atMs % DAY_MS) + DAY_MS) % DAY_MS;
}

/** The first instant after `atMs` at which another variant may hold; undefined when none does. */
export function nextChange(schedule: Schedule, atMs: number): number | undefined {
  const changes = changesAfter(schedule, atMs);
  return changes.length === 0 ? undefined : Math.min(...changes);
}

/** All variants that may hold within a day: what a call of now may be charged at when it ends. */
export function variantsWithinADay(schedule: Schedule, atMs: number): readonly Variant[] {
  const soon = changesAfter(schedule, atMs).filter((change) => change <= atMs + DAY_MS);
  return [...new Set([atMs, ...soon].map((instant) => variantAt(schedule, instant)))];
}

function changesAfter(schedule: Schedule, atMs: number): number[] {
  const midnight = atMs - timeOfDay(atMs);
  return schedule
    .flatMap(({ sinceMs, daily = [] }) => [
      ...(sinceMs === undefined ? [] : [sinceMs]),
      ...daily.flatMap((time) => [midnight + time, midnight + DAY_MS + time]),
    ])
    .filter((change) => change > atMs);
}
