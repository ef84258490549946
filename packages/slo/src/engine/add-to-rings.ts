import { HOUR_MS } from "../objective/duration.ts";
import type { BucketCounts, CountRing } from "../windows/count-ring.ts";
import type { JournalEntry } from "./journal.ts";
import type { TrackerSnapshot } from "./tracker.ts";

/** A clock that shows another zone's time is wrong by no more. */
export const MAX_ZONE_MS: number = 14 * HOUR_MS;

/** Which of the buckets are kept. */
interface Kept {
  /** Where the budget's period begins; 0 for windows that roll. */
  readonly periodAtMs: number;
  /** Windows of who lives at this time are kept whole. */
  readonly keptFromMs: number;
}

/**
 * Adds counts to stored buckets, each at its own time, whatever our clock says: a process whose clock
 * is wrong must not move or forget what others counted. The last ring is that of the budget's period.
 */
export function addToRings(
  stored: TrackerSnapshot,
  changes: readonly JournalEntry[],
  rings: readonly CountRing[],
  { periodAtMs, keptFromMs }: Kept,
): BucketCounts[][] {
  return rings.map((ring, index) => {
    const isBudget = index === rings.length - 1;
    const isOver = isBudget && stored.periodAtMs !== periodAtMs;
    const counted = isBudget ? changes.filter(([atMs]) => atMs >= periodAtMs) : changes;
    const all = [...(isOver ? [] : (stored.rings[index] ?? [])), ...counted];
    const oldestMs = (Math.floor(keptFromMs / ring.bucketMs) - ring.slots + 1) * ring.bucketMs;
    const kept = new Map<number, [bad: number, total: number]>();
    for (const [atMs, bad, total] of all) {
      const startMs = Math.floor(atMs / ring.bucketMs) * ring.bucketMs;
      if (startMs < oldestMs) continue;
      const sums = kept.get(startMs);
      if (sums === undefined) kept.set(startMs, [bad, total]);
      else {
        sums[0] += bad;
        sums[1] += total;
      }
    }
    return [...kept]
      .filter(([, [, total]]) => total > 0)
      .sort(([a], [b]) => a - b)
      .map(([startMs, [bad, total]]): BucketCounts => [startMs, Math.max(0, bad), total]);
  });
}
