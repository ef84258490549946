import { DAY_MS, HOUR_MS, MAX_SKEW_MS, MINUTE_MS } from "../objective/duration.ts";
import { type BucketCounts, CountRing } from "./count-ring.ts";

const FINE_MS = 10_000;
/** Buckets of the minute ring: three days. */
const MINUTES = (3 * DAY_MS) / MINUTE_MS;
/** Buckets of a budget's window: hours for 30 days. */
const COARSE = 720;

/**
 * The windows of one objective over rings of three widths: ten seconds for windows up to an hour,
 * minutes up to three days, and a 720th of the budget's window for that itself. Some 20 KB, until a
 * bucket has more than 255 events.
 */
export class WindowSet {
  readonly rings: readonly CountRing[];
  /** The ring of the budget's window. */
  readonly lastRing: CountRing;
  /** Bad events of each window, in the order of their lengths, the budget's last. */
  readonly bad: Float64Array;
  readonly total: Float64Array;
  #nextMs = Number.NEGATIVE_INFINITY;
  /** What the sums know and the rings do not yet. */
  #pendingBad = 0;
  #pendingTotal = 0;
  #hasEvents = false;

  /** Lengths of the rules' windows, shortest first; and of the budget's. */
  constructor(lengths: readonly number[], budgetMs: number) {
    const short = lengths.filter((ms) => ms <= HOUR_MS);
    const long = lengths.filter((ms) => ms > HOUR_MS);
    const rings: CountRing[] = [];
    const bad = new Float64Array(lengths.length + 1);
    const total = new Float64Array(lengths.length + 1);
    let from = 0;
    const open = (bucketMs: number, windows: readonly number[]): void => {
      if (windows.length === 0) return;
      const buckets = windows.map((ms) => Math.ceil(ms / bucketMs));
      const to = from + windows.length;
      rings.push(
        new CountRing(bucketMs, buckets, bad.subarray(from, to), total.subarray(from, to)),
      );
      from = to;
    };
    open(FINE_MS, short);
    open(minuteWidth(long), long);
    open(Math.ceil(budgetMs / COARSE / FINE_MS) * FINE_MS, [budgetMs]);
    this.rings = rings;
    this.bad = bad;
    this.total = total;
    this.lastRing = rings.at(-1) as CountRing;
  }

  /** Whether time has gone on by at least the finest bucket, or back because the clock was wrong. */
  advance(nowMs: number): boolean {
    const isBack = nowMs < this.#nextMs - MAX_SKEW_MS;
    if (nowMs < this.#nextMs && !isBack) return false;
    this.#nextMs = (Math.floor(nowMs / FINE_MS) + 1) * FINE_MS;
    this.#flush();
    this.#hasEvents = false;
    for (const ring of this.rings) {
      if (isBack) ring.goBack(nowMs);
      else ring.advance(nowMs);
    }
    return true;
  }

  /** Counts events of now; call `advance` first. */
  add(bad: number, total: number): void {
    const length = this.total.length;
    for (let window = 0; window < length; window++) {
      this.total[window] = (this.total[window] as number) + total;
      if (bad !== 0) this.bad[window] = (this.bad[window] as number) + bad;
    }
    this.#pendingBad += bad;
    this.#pendingTotal += total;
    if (!this.#hasEvents) this.#flush();
    this.#hasEvents = true;
  }

  /** By ring, in the order of `rings`. */
  buckets(): BucketCounts[][] {
    this.#flush();
    return this.rings.map((ring) => ring.buckets());
  }

  clear(): void {
    this.#forgetPending();
    for (const ring of this.rings) ring.clear();
  }

  /** Forgets the budget's window alone. */
  clearLast(): void {
    this.#flush();
    this.lastRing.clear();
  }

  /**
   * Puts what came after the first event of ten seconds into the rings, whose buckets are as long
   * or longer.
   */
  #flush(): void {
    if (this.#pendingTotal === 0) return;
    for (const ring of this.rings) ring.fill(this.#pendingBad, this.#pendingTotal);
    this.#forgetPending();
  }

  #forgetPending(): void {
    this.#pendingBad = 0;
    this.#pendingTotal = 0;
    this.#hasEvents = false;
  }
}

/** Whole minutes, more of them when windows are longer than three days. */
function minuteWidth(lengths: readonly number[]): number {
  return Math.ceil(Math.max(MINUTE_MS, ...lengths) / MINUTE_MS / MINUTES) * MINUTE_MS;
}
