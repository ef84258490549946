import type { StoredRing, TrackerSnapshot } from "./tracker-snapshot.ts";

/** What the state port keeps of an objective: the counts of all processes together. */
export interface Snapshot extends TrackerSnapshot {
  readonly format: 3;
  readonly startedAtMs: number;
  /** The last handover of each process, so that one whose reply was lost is not counted twice. */
  readonly writers: Readonly<Record<string, readonly [handover: number, atMs: number]>>;
}

/** Reads a snapshot; undefined for what is none of ours, which is then replaced. */
export function parseSnapshot(text: string): Snapshot | undefined {
  try {
    const parsed = JSON.parse(text) as Snapshot;
    const { format, rings, writers, startedAtMs, periodAtMs, atMs = 0 } = parsed;
    const areAllSlices = areSlices(parsed.slices) && areSlices(parsed.otherSlices);
    const areCounts = areRings(rings) && arePeriods(parsed.otherPeriods) && areAllSlices;
    const isOurs = format === 3 && areCounts && areWriters(writers);
    const areTimes = [startedAtMs, atMs].every(Number.isFinite) && isCount(periodAtMs);
    return isOurs && areTimes ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function areRings(rings: unknown): boolean {
  if (!Array.isArray(rings)) return false;
  return rings.every((ring) => {
    const { bucketMs, slots, buckets } = (ring ?? {}) as Partial<StoredRing>;
    return isCount(bucketMs) && bucketMs !== 0 && isCount(slots) && areBuckets(buckets);
  });
}

function arePeriods(periods: Snapshot["otherPeriods"]): boolean {
  if (periods === undefined) return true;
  if (!Array.isArray(periods)) return false;
  return periods.every((one) => isCount(one?.periodAtMs) && areRings([one.ring]));
}

function areBuckets(buckets: unknown): boolean {
  if (!Array.isArray(buckets)) return false;
  return buckets.every((one) => Array.isArray(one) && one.length === 3 && one.every(isCount));
}

function areSlices(slices: Snapshot["slices"]): boolean {
  if (slices === undefined) return true;
  if (slices === null || !areBuckets(slices.counts)) return false;
  return [slices.open, slices.first ?? 0].every(Number.isSafeInteger);
}

function areWriters(writers: unknown): boolean {
  if (typeof writers !== "object" || writers === null) return false;
  return Object.values(writers).every((one) => Array.isArray(one) && one.every(Number.isFinite));
}
