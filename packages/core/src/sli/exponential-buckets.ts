/**
 * OpenTelemetry's exponential bucket boundaries at scale 5: 32 buckets an octave, where bucket `i`
 * holds the values in (2^(i/32), 2^((i+1)/32)].
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export const EXPONENTIAL_SCALE = 5;

const PER_OCTAVE = 2 ** EXPONENTIAL_SCALE;
const MANTISSA_BITS = 52;

/** A fixed run of buckets. Both ends are powers of two, so that their boundaries are exact. */
export interface BucketRange {
  /** OpenTelemetry index of the first bucket. */
  readonly firstIndex: number;
  /** `bounds[s]` and `bounds[s + 1]` are the lower (exclusive) and upper bound of slot `s`. */
  readonly bounds: Float64Array;
  readonly slots: number;
  /** Values at or below this do not reach the first bucket. */
  readonly lowest: number;
  /** Values above this are beyond the last bucket. */
  readonly highest: number;
}

/**
 * The largest double ≤ 2^(k/32), for k in 0..31. No double lies on such a boundary (k > 0), so
 * `value > boundary` is right for every double, to the last bit: m ≤ 2^(k/32) ⇔ m^32 ≤ 2^k.
 */
function boundaryWithinOctave(k: number): number {
  const limit = 1n << BigInt(k + MANTISSA_BITS * PER_OCTAVE);
  let mantissa = BigInt(2 ** (k / PER_OCTAVE) * 2 ** MANTISSA_BITS);
  while (mantissa ** BigInt(PER_OCTAVE) > limit) mantissa -= 1n;
  while ((mantissa + 1n) ** BigInt(PER_OCTAVE) <= limit) mantissa += 1n;
  return Number(mantissa) / 2 ** MANTISSA_BITS;
}

const OCTAVE: readonly number[] = Array.from({ length: PER_OCTAVE }, (_, k) =>
  boundaryWithinOctave(k),
);

/**
 * For each value of the mantissa's top eight bits, the bucket of the smallest value that has them.
 * The narrowest bucket is 5 times wider than such a step, so the bucket of any other value with
 * these bits is this one or the next.
 */
const BUCKET_OF_TOP_BITS = Int8Array.from({ length: 256 }, (_, top) => {
  const value = 1 + top / 256;
  return OCTAVE.filter((boundary) => boundary < value).length - 1;
});

/** Covers (2^fromExponent, 2^toExponent]. */
export function createBucketRange(fromExponent: number, toExponent: number): BucketRange {
  const slots = (toExponent - fromExponent) * PER_OCTAVE;
  const bounds = Float64Array.from({ length: slots + 1 }, (_, slot) => {
    const octave = fromExponent + Math.floor(slot / PER_OCTAVE);
    return (OCTAVE[slot % PER_OCTAVE] ?? 1) * 2 ** octave;
  });
  return {
    firstIndex: fromExponent * PER_OCTAVE,
    bounds,
    slots,
    lowest: 2 ** fromExponent,
    highest: 2 ** toExponent,
  };
}

/** Milliseconds from 1 µs (2^-10 ms) to a day and a half (2^27 ms). */
export const MILLISECOND_RANGE: BucketRange = createBucketRange(-10, 27);

/**
 * Nano-dollars from 1 to $17,592 (2^44). The octave below 1 is there because 1 is its upper end.
 */
export const NANO_USD_RANGE: BucketRange = createBucketRange(-1, 44);

const FLOAT = new Float64Array([1]);
const WORDS = new Uint32Array(FLOAT.buffer);
/**
 * Which of the two words holds sign, exponent and top of the mantissa: 1 on little-endian machines.
 */
const HIGH_WORD = WORDS[1] === 0 ? 0 : 1;

/**
 * Slot of a value in (lowest, highest], in constant time and without a logarithm: exponent and top
 * bits give the bucket or the one before it, and one comparison decides.
 */
export function slotOf(range: BucketRange, value: number): number {
  FLOAT[0] = value;
  const high = WORDS[HIGH_WORD] ?? 0;
  const octave = ((high >>> 20) - 1023) << EXPONENTIAL_SCALE;
  const slot = octave + (BUCKET_OF_TOP_BITS[(high >>> 12) & 0xff] ?? 0) - range.firstIndex;
  return value > (range.bounds[slot + 1] ?? Number.POSITIVE_INFINITY) ? slot + 1 : slot;
}
