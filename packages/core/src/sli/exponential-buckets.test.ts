import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BucketRange,
  createBucketRange,
  MILLISECOND_RANGE,
  NANO_USD_RANGE,
  slotOf,
} from "./exponential-buckets.ts";

const WORDS = new BigUint64Array(1);
const FLOAT = new Float64Array(WORDS.buffer);

function bitsOf(value: number): bigint {
  FLOAT[0] = value;
  return WORDS[0] ?? 0n;
}

function fromBits(bits: bigint): number {
  WORDS[0] = bits;
  return FLOAT[0] ?? 0;
}

const nextUp = (value: number): number => fromBits(bitsOf(value) + 1n);

/** value > 2^(index/32), decided by whole numbers: (m · 2^e)^32 > 2^index. */
function isAbove(value: number, index: number): boolean {
  const bits = bitsOf(value);
  const mantissa = (bits & ((1n << 52n) - 1n)) | (1n << 52n);
  const exponent = Number(bits >> 52n) - 1023 - 52;
  const shift = 32 * exponent - index;
  const power = mantissa ** 32n;
  return shift >= 0 ? power << BigInt(shift) > 1n : power > 1n << BigInt(-shift);
}

const indexOf = (range: BucketRange, value: number): number =>
  range.firstIndex + slotOf(range, value);

describe.each([
  ["milliseconds", MILLISECOND_RANGE],
  ["nano-dollars", NANO_USD_RANGE],
])("buckets of %s", (_, range) => {
  it("hold every double in (2^(i/32), 2^((i+1)/32)], decided by exact arithmetic", () => {
    const inRange = fc
      .bigInt(bitsOf(nextUp(range.lowest)), bitsOf(range.highest))
      .map((bits) => fromBits(bits));
    fc.assert(
      fc.property(inRange, (value) => {
        const index = indexOf(range, value);
        expect(isAbove(value, index)).toBe(true);
        expect(isAbove(value, index + 1)).toBe(false);
      }),
    );
  });

  it("split at their boundary to the last bit", () => {
    for (let slot = 0; slot < range.slots; slot += 1) {
      const upper = range.bounds[slot + 1] ?? 0;
      expect(isAbove(upper, range.firstIndex + slot + 1)).toBe(false);
      expect(isAbove(nextUp(upper), range.firstIndex + slot + 1)).toBe(true);
      expect(slotOf(range, upper)).toBe(slot);
      if (slot + 1 < range.slots) expect(slotOf(range, nextUp(upper))).toBe(slot + 1);
    }
  });

  it("put a power of two in the lower bucket", () => {
    for (let value = range.lowest * 2; value <= range.highest; value *= 2) {
      const index = Math.log2(value) * 32;
      expect(indexOf(range, value)).toBe(index - 1);
      if (value < range.highest) expect(indexOf(range, nextUp(value))).toBe(index);
    }
  });
});

it("covers 1 µs to a day, and 1 nano-dollar to $10,000", () => {
  expect(MILLISECOND_RANGE.lowest).toBeLessThan(0.001);
  expect(MILLISECOND_RANGE.highest).toBeGreaterThan(86_400_000);
  expect(NANO_USD_RANGE.lowest).toBeLessThan(1);
  expect(NANO_USD_RANGE.highest).toBeGreaterThan(10_000 * 1e9);
});

it("has 32 buckets an octave, whose first index is a multiple of 32", () => {
  const range = createBucketRange(-2, 3);
  expect(range.slots).toBe(5 * 32);
  expect(range.firstIndex).toBe(-64);
  expect(range.bounds[0]).toBe(0.25);
  expect(range.bounds.at(-1)).toBe(8);
});
