import { addTo, type Counters, makeCounters } from "./counters.ts";

/** One bucket that holds something: when it began, and its counts. */
export type BucketCounts = readonly [startsAtMs: number, bad: number, total: number];

/**
 * Bad and total events of the last while in buckets of equal length, with a running sum for each
 * window: a bucket leaves a window's sum when it is wholly outside. Reading a window is one
 * look-up, whatever its length; time moves on at a constant cost a bucket.
 *
 * A window of n buckets holds n whole ones and the current one, so it is exact at a bucket's end
 * and at most one bucket too long in between. Who goes back with {@link goBack} takes all along.
 */
export class CountRing {
  readonly bucketMs: number;
  /** Bad events of each window, in the order in which windows were given. */
  readonly badSums: Float64Array;
  readonly totalSums: Float64Array;
  /** Buckets of its longest window, the current one included. */
  readonly slots: number;
  readonly #windows: readonly number[];
  #bad: Counters | undefined;
  #total: Counters | undefined;
  /** Number of the current bucket since the epoch. */
  #head = -1;
  #filled = 0;

  /** `windows` in buckets, with room for their sums. */
  constructor(
    bucketMs: number,
    windows: readonly number[],
    badSums: Float64Array,
    totalSums: Float64Array,
  ) {
    this.bucketMs = bucketMs;
    this.#windows = windows;
    this.slots = Math.max(...windows) + 1;
    this.badSums = badSums;
    this.totalSums = totalSums;
  }

  /** Buckets in the longest window that hold an event. */
  get filled(): number {
    return this.#filled;
  }

  /** Lets buckets leave that are outside now. */
  advance(nowMs: number): void {
    const head = Math.floor(nowMs / this.bucketMs);
    if (head <= this.#head) return;
    if (this.#filled === 0 || head - this.#head >= this.slots) this.#jump(head);
    else while (this.#head < head) this.#step();
  }

  /** Moves everything with a clock that was ahead and is set right: what was new is new. */
  goBack(nowMs: number): void {
    const held = this.buckets();
    const aheadMs = (this.#head - Math.floor(nowMs / this.bucketMs)) * this.bucketMs;
    this.#jump(Math.floor(nowMs / this.bucketMs));
    for (const [startsAtMs, bad, total] of held) this.addAt(startsAtMs - aheadMs, bad, total);
  }

  /** Puts events of now into the current bucket; the sums know them already. */
  fill(bad: number, total: number): void {
    this.#put(this.#head % this.slots, bad, total);
  }

  /** Counts events of the past, as far as a window still reaches; negative ones take `bad` back. */
  addAt(atMs: number, bad: number, total: number): void {
    const bucket = Math.min(Math.floor(atMs / this.bucketMs), this.#head);
    if (bucket < 0 || bucket <= this.#head - this.slots) return;
    const held = this.#bad?.[bucket % this.slots] ?? 0;
    this.#addTo(bucket, Math.max(bad, -held), total);
  }

  /** What it holds, oldest first, for snapshots. */
  buckets(): BucketCounts[] {
    const held: BucketCounts[] = [];
    if (this.#filled === 0) return held;
    for (let bucket = this.#head - this.slots + 1; bucket <= this.#head; bucket++) {
      const slot = bucket % this.slots;
      const total = this.#total?.[slot] ?? 0;
      if (total > 0) held.push([bucket * this.bucketMs, this.#bad?.[slot] ?? 0, total]);
    }
    return held;
  }

  /** Forgets everything but the time. */
  clear(): void {
    this.#jump(this.#head);
  }

  #put(slot: number, bad: number, total: number): void {
    this.#bad ??= makeCounters(this.slots);
    this.#total ??= makeCounters(this.slots);
    if (this.#total[slot] === 0 && total > 0) this.#filled++;
    this.#total = addTo(this.#total, slot, total);
    if (bad !== 0) this.#bad = addTo(this.#bad, slot, bad);
  }

  #addTo(bucket: number, bad: number, total: number): void {
    this.#put(bucket % this.slots, bad, total);
    const age = this.#head - bucket;
    for (let window = 0; window < this.#windows.length; window++) {
      if (age > (this.#windows[window] as number)) continue;
      this.badSums[window] = (this.badSums[window] as number) + bad;
      this.totalSums[window] = (this.totalSums[window] as number) + total;
    }
  }

  #step(): void {
    this.#head++;
    for (let window = 0; window < this.#windows.length; window++) {
      const leaving = this.#head - (this.#windows[window] as number) - 1;
      if (leaving < 0) continue;
      const slot = leaving % this.slots;
      this.badSums[window] = (this.badSums[window] as number) - (this.#bad?.[slot] ?? 0);
      this.totalSums[window] = (this.totalSums[window] as number) - (this.#total?.[slot] ?? 0);
    }
    const slot = this.#head % this.slots;
    if (this.#total !== undefined && this.#total[slot] !== 0) {
      this.#filled--;
      this.#total[slot] = 0;
      if (this.#bad !== undefined) this.#bad[slot] = 0;
    }
  }

  #jump(head: number): void {
    this.#head = head;
    if (this.#filled === 0) return;
    this.#filled = 0;
    this.#bad?.fill(0);
    this.#total?.fill(0);
    this.badSums.fill(0);
    this.totalSums.fill(0);
  }
}
