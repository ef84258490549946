import type { BucketCounts } from "../windows/count-ring.ts";
import type { SliceSnapshot } from "../windows/slice-counter.ts";

/** A ring of buckets as the state port keeps it. */
export interface StoredRing {
  readonly bucketMs: number;
  /** Buckets of its longest window, the current one included. */
  readonly slots: number;
  readonly buckets: readonly BucketCounts[];
}

/** The budget of one of a calendar's periods. */
export interface StoredPeriod {
  readonly periodAtMs: number;
  readonly ring: StoredRing;
}

/** The counts of one objective, for the state port. */
export interface TrackerSnapshot {
  /** Epoch ms at which the calendar's period began; 0 for windows that roll. */
  readonly periodAtMs: number;
  /** When it was written, by the clock of who did. */
  readonly atMs?: number;
  /** The budget's last. */
  readonly rings: readonly StoredRing[];
  /** The budgets of other periods, of clocks that are in them; the last that was left first. */
  readonly otherPeriods?: readonly StoredPeriod[];
  /** For objectives that count slices. */
  readonly slices?: SliceSnapshot;
  /** The same of processes whose clocks are far from those of who wrote `slices`. */
  readonly otherSlices?: SliceSnapshot | undefined;
}

/** One for clocks that are behind, one for those that are ahead. */
const MAX_OTHERS = 2;

/** With the budget of this period, empty if nobody was in it, in place of that of another. */
export function ofPeriod(all: TrackerSnapshot, periodAtMs: number): TrackerSnapshot {
  const budget = all.rings.at(-1);
  if (all.periodAtMs === periodAtMs || budget === undefined) return all;
  const { otherPeriods = [] } = all;
  const known = otherPeriods.find((one) => one.periodAtMs === periodAtMs);
  const others = otherPeriods.filter((one) => one !== known);
  return {
    ...all,
    periodAtMs,
    rings: [...all.rings.slice(0, -1), known?.ring ?? { ...budget, buckets: [] }],
    otherPeriods: [{ periodAtMs: all.periodAtMs, ring: budget }, ...others].slice(0, MAX_OTHERS),
  };
}
