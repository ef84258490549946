import { type BucketRange, EXPONENTIAL_SCALE, slotOf } from "./exponential-buckets.ts";

/**
 * A histogram's buckets as OpenTelemetry and Prometheus native histograms take them: `counts[n]`
 * counts bucket `offset + n`; empty buckets at both ends are left off.
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export interface ExponentialBuckets {
  readonly scale: typeof EXPONENTIAL_SCALE;
  readonly count: number;
  readonly sum: number;
  /** Undefined without values, as is `max`. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: readonly number[];
  /** How many values the first bucket counts that are below it. */
  readonly underflow: number;
  /** How many values the last bucket counts that are above it. */
  readonly overflow: number;
}

/**
 * Distribution of one measurement in a fixed amount of memory: it never grows, whatever is
 * recorded. Counts stay exact up to 2^53.
 */
export interface ExponentialHistogram {
  readonly range: BucketRange;
  readonly count: number;
  readonly sum: number;
  /** `Infinity` without values. */
  readonly min: number;
  /** `-Infinity` without values. */
  readonly max: number;
  /** Values refused because they are negative, infinite or not a number. */
  readonly invalid: number;
  /** Counts one value, in constant time and without allocation; false when it is invalid. */
  record(value: number): boolean;
  /** Adds what another histogram of the same range holds. @throws RangeError for another range. */
  merge(other: ExponentialHistogram): void;
  /**
   * The value at a fraction (0..1) of the ranks (nearest rank), within 1.1 % of the true one inside
   * the range; undefined without values. The first and last rank are exact.
   */
  quantile(fraction: number): number | undefined;
  /** For exporters: a copy of the buckets. */
  buckets(): ExponentialBuckets;
}

/** Makes an empty histogram; its memory (8 bytes a bucket) is taken at once. */
export function createExponentialHistogram(range: BucketRange): ExponentialHistogram {
  return new FixedHistogram(range);
}

// One array holds the statistics and, after them, the buckets: plain doubles are never boxed.
const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const ZERO = 4;
const UNDERFLOW = 5;
const OVERFLOW = 6;
const INVALID = 7;
const BUCKETS = 8;

const GAMMA = 2 ** (1 / 2 ** EXPONENTIAL_SCALE);
/**
 * Where in a bucket to answer, so that the relative error is the same at both ends (DDSketch,
 * §2.1).
 */
const MIDPOINT = (2 * GAMMA) / (GAMMA + 1);

/** A class, unlike most of this package, so that a thousand series share one set of functions. */
class FixedHistogram implements ExponentialHistogram {
  readonly range: BucketRange;
  readonly #cells: Float64Array;

  constructor(range: BucketRange) {
    this.range = range;
    this.#cells = new Float64Array(BUCKETS + range.slots);
    this.#cells[MIN] = Number.POSITIVE_INFINITY;
    this.#cells[MAX] = Number.NEGATIVE_INFINITY;
  }

  get count(): number {
    return this.#at(COUNT);
  }

  get sum(): number {
    return this.#at(SUM);
  }

  get min(): number {
    return this.#at(MIN);
  }

  get max(): number {
    return this.#at(MAX);
  }

  get invalid(): number {
    return this.#at(INVALID);
  }

  record(value: number): boolean {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      this.#add(INVALID, 1);
      return false;
    }
    const cells = this.#cells;
    cells[COUNT] = (cells[COUNT] as number) + 1;
    cells[SUM] = (cells[SUM] as number) + value;
    if (value < (cells[MIN] as number)) cells[MIN] = value;
    if (value > (cells[MAX] as number)) cells[MAX] = value;
    const cell = value === 0 ? ZERO : BUCKETS + this.#clampedSlot(value);
    cells[cell] = (cells[cell] as number) + 1;
    return true;
  }

  merge(other: ExponentialHistogram): void {
    if (!(other instanceof FixedHistogram) || other.range !== this.range) {
      throw new RangeError("Only histograms of the same range can be merged.");
    }
    const min = Math.min(this.min, other.min);
    const max = Math.max(this.max, other.max);
    for (let cell = 0; cell < this.#cells.length; cell += 1) this.#add(cell, other.#at(cell));
    this.#cells[MIN] = min;
    this.#cells[MAX] = max;
  }

  quantile(fraction: number): number | undefined {
    const { count } = this;
    if (count === 0 || !(fraction >= 0 && fraction <= 1)) return undefined;
    const rank = Math.max(1, Math.ceil(fraction * count));
    if (rank === 1) return this.min;
    if (rank > count - Math.max(1, this.#at(OVERFLOW))) return this.max;
    let seen = this.#at(ZERO);
    if (rank <= seen) return 0;
    let slot = -1;
    while (seen < rank) {
      slot += 1;
      seen += this.#at(BUCKETS + slot);
    }
    const value = (this.range.bounds[slot] ?? 0) * MIDPOINT;
    return Math.min(this.max, Math.max(this.min, value));
  }

  buckets(): ExponentialBuckets {
    const buckets = this.#cells.subarray(BUCKETS);
    const first = Math.max(
      0,
      buckets.findIndex((n) => n > 0),
    );
    const end = buckets.findLastIndex((n) => n > 0) + 1;
    const empty = this.count === 0;
    return {
      scale: EXPONENTIAL_SCALE,
      count: this.count,
      sum: this.sum,
      min: empty ? undefined : this.min,
      max: empty ? undefined : this.max,
      zeroCount: this.#at(ZERO),
      offset: this.range.firstIndex + first,
      counts: [...buckets.subarray(first, end)],
      underflow: this.#at(UNDERFLOW),
      overflow: this.#at(OVERFLOW),
    };
  }

  #clampedSlot(value: number): number {
    const { range } = this;
    if (value <= range.lowest) {
      this.#add(UNDERFLOW, 1);
      return 0;
    }
    if (value > range.highest) {
      this.#add(OVERFLOW, 1);
      return range.slots - 1;
    }
    return slotOf(range, value);
  }

  #at(cell: number): number {
    return this.#cells[cell] ?? 0;
  }

  #add(cell: number, amount: number): void {
    this.#cells[cell] = this.#at(cell) + amount;
  }
}
