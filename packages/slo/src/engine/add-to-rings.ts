import { HOUR_MS } from "../objective/duration.ts";
import type { BucketCounts, CountRing } from "../windows/count-ring.ts";
import type { JournalEntry } from "./journal.ts";
import type { StoredRing, TrackerSnapshot } from "./tracker-snapshot.ts";

/** A clock that shows another zone's time is wrong by no more. */
export const MAX_ZONE_MS: number = 14 * HOUR_MS;

/**
 * The stored ring that one of ours goes on with: the budget's is the last, others are known by
 * their width.
 */
export function storedRingOf(
  stored: readonly StoredRing[],
  rings: readonly CountRing[],
  ring: CountRing,
): StoredRing | undefined {
  const isBudget = ring === rings.at(-1);
  const others = isBudget ? stored.slice(-1) : stored.slice(0, -1);
  return others.find(({ bucketMs }) => bucketMs === ring.bucketMs);
}

/**
 * Adds counts to stored buckets, each at its own time, whatever our clock says: a process whose
 * clock is wrong must not move or forget what others counted. Windows of who lives at `keptFromMs`
 * are kept whole; rings of alerts that are not ours stay until they are empty.
 */
export function addToRings(
  stored: TrackerSnapshot,
  changes: readonly JournalEntry[],
  rings: readonly CountRing[],
  keptFromMs: number,
): StoredRing[] {
  const { periodAtMs } = stored;
  const ours = rings.map((ring) => {
    const isBudget = ring === rings.at(-1);
    const known = storedRingOf(stored.rings, rings, ring);
    const counted = isBudget ? changes.filter(([atMs]) => atMs >= periodAtMs) : changes;
    const { bucketMs } = ring;
    const slots = Math.max(ring.slots, known?.slots ?? 0);
    const oldestMs = oldestOf({ bucketMs, slots }, keptFromMs);
    return { bucketMs, slots, buckets: sumUp(known?.buckets ?? [], counted, bucketMs, oldestMs) };
  });
  const theirs = stored.rings
    .slice(0, -1)
    .filter(({ bucketMs }) => !ours.slice(0, -1).some((ring) => ring.bucketMs === bucketMs))
    .map((ring) => ({
      ...ring,
      buckets: ring.buckets.filter(([startMs]) => startMs >= oldestOf(ring, keptFromMs)),
    }))
    .filter(({ buckets }) => buckets.length > 0);
  return [...theirs, ...ours];
}

function oldestOf(
  { bucketMs, slots }: Pick<StoredRing, "bucketMs" | "slots">,
  keptFromMs: number,
): number {
  return (Math.floor(keptFromMs / bucketMs) - slots + 1) * bucketMs;
}

/** Both sorted by time; what did not change is handed on as it is. */
function sumUp(
  before: readonly BucketCounts[],
  changes: readonly JournalEntry[],
  bucketMs: number,
  oldestMs: number,
): BucketCounts[] {
  const more = new Map<number, JournalEntry>();
  for (const [atMs, bad, total] of changes) {
    const startMs = Math.floor(atMs / bucketMs) * bucketMs;
    const [, badBefore = 0, totalBefore = 0] = more.get(startMs) ?? [];
    if (startMs >= oldestMs) more.set(startMs, [startMs, badBefore + bad, totalBefore + total]);
  }
  const all: BucketCounts[] = [];
  for (const bucket of before) {
    const [startMs, bad, total] = bucket;
    if (startMs < oldestMs) continue;
    const change = more.get(startMs);
    more.delete(startMs);
    all.push(change === undefined ? bucket : [startMs, bad + change[1], total + change[2]]);
  }
  const isSorted = more.size === 0;
  const sums = [...all, ...more.values()]
    .filter(([, , total]) => total > 0)
    .map((bucket): BucketCounts => (bucket[1] < 0 ? [bucket[0], 0, bucket[2]] : bucket));
  return isSorted ? sums : sums.sort(([a], [b]) => a - b);
}
