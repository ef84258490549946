import type { BucketCounts } from "../windows/count-ring.ts";

/** What the state port keeps of an objective: the counts of all processes together. */
export interface Snapshot {
  readonly format: 1;
  readonly startedAtMs: number;
  readonly rings: readonly (readonly BucketCounts[])[];
  /** The last handover of each process, so that one whose reply was lost is not counted twice. */
  readonly writers: Readonly<Record<string, readonly [handover: number, atMs: number]>>;
}

/** Reads a snapshot; undefined for what is none of ours, which is then replaced. */
export function parseSnapshot(text: string): Snapshot | undefined {
  try {
    const parsed = JSON.parse(text) as Snapshot;
    const isOurs = parsed.format === 1 && areRings(parsed.rings) && areWriters(parsed.writers);
    return isOurs && Number.isFinite(parsed.startedAtMs) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function areRings(rings: unknown): boolean {
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  return (
    Array.isArray(rings) &&
    rings.every(
      (ring) =>
        Array.isArray(ring) &&
        ring.every(
          (bucket) => Array.isArray(bucket) && bucket.length === 3 && bucket.every(isCount),
        ),
    )
  );
}

function areWriters(writers: unknown): boolean {
  if (typeof writers !== "object" || writers === null) return false;
  return Object.values(writers).every((one) => Array.isArray(one) && one.every(Number.isFinite));
}
