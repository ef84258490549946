/** Each bucket is 2^(1/8), some 9 %, wider than the one below; the last one ends at the bound. */
const BUCKETS_PER_OCTAVE = 8;
const OCTAVES = 4;
const BUCKETS = OCTAVES * BUCKETS_PER_OCTAVE;

/** No estimate is below this part of the bound, whatever was reported. */
export const FLOOR: number = 2 ** -OCTAVES;

/** Observations before anything is concluded from them. */
const MIN_OBSERVATIONS = 200;

const TAIL = 0.001;
const MARGIN = 1.1;
const HALVE_AT = 8_192;

/**
 * The part of the byte bound that inputs of one kind really have: the upper 0.999 quantile of what
 * was observed, rounded up to its bucket, and a tenth. Up to a thousand observations that is the
 * largest of them. Old ones count half as much after some four thousand new ones.
 */
export class RatioQuantile {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #seen = 0;
  #ratio = 1;

  /** 1 until enough was observed; then from `FLOOR` to 1. */
  get ratio(): number {
    return this.#ratio;
  }

  /** `ratio`: tokens that the provider counted, for each of the bound; above 0. */
  observe(ratio: number): void {
    const bucket = bucketOf(ratio);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    this.#seen++;
    if (this.#total >= HALVE_AT) this.#halve();
    if (this.#seen >= MIN_OBSERVATIONS) this.#ratio = Math.min(1, this.#quantile() * MARGIN);
  }

  /** The upper edge of the highest bucket that has more than the tail at or above it. */
  #quantile(): number {
    let above = 0;
    let bucket = BUCKETS;
    const tail = Math.floor(this.#total * TAIL);
    while (bucket > 0 && above <= tail) above += this.#counts[--bucket] ?? 0;
    return 2 ** ((bucket + 1 - BUCKETS) / BUCKETS_PER_OCTAVE);
  }

  #halve(): void {
    for (let at = 0; at < BUCKETS; at++) this.#counts[at] = (this.#counts[at] ?? 0) / 2;
    this.#total /= 2;
  }
}

/** Below the floor is the lowest bucket, above the bound the highest. */
function bucketOf(ratio: number): number {
  const bucket = Math.ceil(BUCKETS + BUCKETS_PER_OCTAVE * Math.log2(ratio)) - 1;
  return Math.max(0, Math.min(BUCKETS - 1, bucket));
}
