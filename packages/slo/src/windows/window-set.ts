import { DAY_MS, HOUR_MS, MINUTE_MS } from "../objective/duration.ts";
import { type BucketCounts, CountRing } from "./count-ring.ts";

const FINE_MS = 10_000;
/** Buckets of the minute ring: three days. */
const MINUTES = (3 * DAY_MS) / MINUTE_MS;
/** Buckets of a budget's window: hours for 30 days. */
const COARSE = 720;

/** Where a window's counts are: its ring, and its place there. */
interface Place {
  readonly ring: CountRing;
  readonly index: number;
}

/**
 * The windows of one objective over rings of three widths: ten seconds for windows up to an hour,
 * minutes up to three days, and a 720th of the budget's window for that itself. Some 20 KB.
 */
export class WindowSet {
  readonly rings: readonly CountRing[];
  /** The ring of the last window, which is the budget's when it rolls. */
  readonly lastRing: CountRing;
  readonly #badSums: readonly Float64Array[];
  readonly #totalSums: readonly Float64Array[];
  readonly #indexes: readonly number[];
  #nextMs = Number.NEGATIVE_INFINITY;
  readonly #finestMs: number;

  /** Lengths of the rules' windows; and of the budget's, when it rolls. */
  constructor(lengths: readonly number[], budgetMs: number | undefined) {
    const short = lengths.filter((ms) => ms <= HOUR_MS);
    const long = lengths.filter((ms) => ms > HOUR_MS);
    const rings: CountRing[] = [];
    const places = new Map<number, Place>();
    const open = (bucketMs: number, windows: readonly number[]): void => {
      if (windows.length === 0) return;
      const buckets = windows.map((ms) => Math.ceil(ms / bucketMs));
      const ring = new CountRing(bucketMs, buckets);
      rings.push(ring);
      for (const [index, ms] of windows.entries()) places.set(ms, { ring, index });
    };
    open(FINE_MS, short);
    open(minuteWidth(long), long);
    const shared = budgetMs === undefined ? undefined : places.get(budgetMs);
    if (budgetMs !== undefined && shared === undefined) {
      open(Math.ceil(budgetMs / COARSE / FINE_MS) * FINE_MS, [budgetMs]);
    }
    this.rings = rings;
    const all = budgetMs === undefined ? lengths : [...lengths, budgetMs];
    const found = all.map((ms) => places.get(ms) as Place);
    this.lastRing = (found.at(-1) as Place).ring;
    this.#badSums = found.map(({ ring }) => ring.badSums);
    this.#totalSums = found.map(({ ring }) => ring.totalSums);
    this.#indexes = found.map(({ index }) => index);
    this.#finestMs = Math.min(...rings.map(({ bucketMs }) => bucketMs));
  }

  bad(window: number): number {
    return (this.#badSums[window] as Float64Array)[this.#indexes[window] as number] as number;
  }

  total(window: number): number {
    return (this.#totalSums[window] as Float64Array)[this.#indexes[window] as number] as number;
  }

  /** Whether time has gone on by at least the finest bucket. */
  advance(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = (Math.floor(nowMs / this.#finestMs) + 1) * this.#finestMs;
    for (const ring of this.rings) ring.advance(nowMs);
    return true;
  }

  add(bad: number, total: number): void {
    for (const ring of this.rings) ring.add(bad, total);
  }

  addAt(atMs: number, bad: number, total: number): void {
    for (const ring of this.rings) ring.addAt(atMs, bad, total);
  }

  /** By ring, in the order of `rings`. */
  buckets(): BucketCounts[][] {
    return this.rings.map((ring) => ring.buckets());
  }

  clear(): void {
    for (const ring of this.rings) ring.clear();
  }
}

/** Whole minutes, more of them when windows are longer than three days. */
function minuteWidth(lengths: readonly number[]): number {
  return Math.ceil(Math.max(MINUTE_MS, ...lengths) / MINUTE_MS / MINUTES) * MINUTE_MS;
}
