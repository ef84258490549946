import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MILLISECOND_RANGE, NANO_USD_RANGE } from "./exponential-buckets.ts";
import { createExponentialHistogram, type ExponentialHistogram } from "./exponential-histogram.ts";

function histogramOf(values: readonly number[], range = MILLISECOND_RANGE): ExponentialHistogram {
  const histogram = createExponentialHistogram(range);
  for (const value of values) histogram.record(value);
  return histogram;
}

function nearestRank(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? Number.NaN;
}

const milliseconds = fc.oneof(
  fc.constant(0),
  fc.double({ min: -9, max: 26, noNaN: true }).map((exponent) => 2 ** exponent),
);
const nanoDollars = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 2 ** 31 - 1 }));
const fractions = fc.double({ min: 0, max: 1, noNaN: true });

describe("quantiles", () => {
  it("are within 1.1 % of the sorted values, and 0 exactly", () => {
    fc.assert(
      fc.property(fc.array(milliseconds, { minLength: 1 }), fractions, (values, fraction) => {
        const expected = nearestRank(values, fraction);
        const actual = histogramOf(values).quantile(fraction) ?? Number.NaN;
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(expected * 0.011);
      }),
    );
  });

  it("are within 1.1 % for whole nano-dollars, from the very first", () => {
    fc.assert(
      fc.property(fc.array(nanoDollars, { minLength: 1 }), fractions, (values, fraction) => {
        const expected = nearestRank(values, fraction);
        const actual = histogramOf(values, NANO_USD_RANGE).quantile(fraction) ?? Number.NaN;
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(expected * 0.011);
      }),
    );
  });

  it("never leave the observed minimum and maximum, and are exact for a single value", () => {
    expect(histogramOf([123.456]).quantile(0.5)).toBe(123.456);
    const histogram = histogramOf([100, 100, 100, 100]);
    expect(histogram.quantile(0.5)).toBe(100);
    expect(histogram.quantile(0)).toBe(100);
    expect(histogram.quantile(1)).toBe(100);
  });

  it("do not exist without values", () => {
    expect(histogramOf([]).quantile(0.5)).toBeUndefined();
    expect(histogramOf([1]).quantile(Number.NaN)).toBeUndefined();
    expect(histogramOf([1]).quantile(1.5)).toBeUndefined();
  });

  it("answer the maximum for ranks beyond the last bucket, never less", () => {
    expect(histogramOf([1, 2, 3, 1e9, 2e9]).quantile(0.8)).toBe(2e9);
  });
});

it("keeps exact count, sum, minimum and maximum of whole numbers", () => {
  fc.assert(
    fc.property(fc.array(nanoDollars, { minLength: 1 }), (values) => {
      const histogram = histogramOf(values, NANO_USD_RANGE);
      expect(histogram.count).toBe(values.length);
      expect(histogram.sum).toBe(values.reduce((a, b) => a + b, 0));
      expect(histogram.min).toBe(Math.min(...values));
      expect(histogram.max).toBe(Math.max(...values));
    }),
  );
});

it("merges two histograms into what one would have held", () => {
  fc.assert(
    fc.property(fc.array(nanoDollars), fc.array(nanoDollars), (left, right) => {
      const merged = histogramOf(left, NANO_USD_RANGE);
      merged.merge(histogramOf(right, NANO_USD_RANGE));
      const direct = histogramOf([...left, ...right], NANO_USD_RANGE);
      expect(merged.buckets()).toEqual(direct.buckets());
    }),
  );
});

it("refuses to merge a histogram of another range", () => {
  expect(() => histogramOf([]).merge(histogramOf([], NANO_USD_RANGE))).toThrow(RangeError);
});

it("clamps what is too small or too large into the outer buckets, and says so", () => {
  const histogram = histogramOf([Number.MIN_VALUE, 2 ** -10, 1e12, Number.MAX_VALUE]);
  expect(histogram.buckets()).toMatchObject({ count: 4, underflow: 2, overflow: 2, offset: -320 });
  expect(histogram.buckets().counts).toHaveLength(MILLISECOND_RANGE.slots);
  expect(histogram.max).toBe(Number.MAX_VALUE);
});

it("counts zeros apart, and values that are no measurement as invalid only", () => {
  const histogram = histogramOf([0, -0, Number.NaN, -1, Number.POSITIVE_INFINITY, 5]);
  expect(histogram.invalid).toBe(3);
  expect(histogram.buckets()).toMatchObject({ count: 3, sum: 5, min: 0, max: 5, zeroCount: 2 });
});

it("exports OpenTelemetry buckets: counts from the offset on, which add up to the count", () => {
  const histogram = histogramOf([0, 1, 1.01, 2]);
  const { scale, offset, counts, zeroCount, count } = histogram.buckets();
  expect(scale).toBe(5);
  expect(offset).toBe(-1);
  expect(counts).toEqual([1, 1, ...Array(30).fill(0), 1]);
  expect(zeroCount + counts.reduce((a, b) => a + b, 0)).toBe(count);
  expect(histogramOf([]).buckets()).toMatchObject({ counts: [], count: 0, min: undefined });
});

it("counts beyond 2^32 without wrapping", () => {
  const histogram = histogramOf([5]);
  for (let doubling = 0; doubling < 33; doubling += 1) histogram.merge(histogram);
  histogram.record(5);
  expect(histogram.count).toBe(2 ** 33 + 1);
  expect(histogram.buckets().counts).toEqual([2 ** 33 + 1]);
});
