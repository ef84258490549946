import { type Interval, LEVEL, UNKNOWN } from "./interval.ts";
import { wilson } from "./wilson.ts";

/** One judged call and how probable it was to be chosen. */
export interface WeightedValue {
  /** 0 to 1; a verdict is 1 (passed) or 0. */
  readonly value: number;
  /** Above 0 and at most 1. */
  readonly probability: number;
}

/**
 * The rate in all traffic from calls that were chosen with unequal probabilities: each counts for
 * `1 / probability` calls (Horvitz and Thompson), divided by the sum of those weights (Hájek), so
 * that the size of the traffic need not be known. The interval is Wilson's with the number of
 * equally chosen calls that would say as much (Korn and Graubard).
 * @throws {RangeError} when a probability is not above 0 and at most 1, or a value not from 0 to 1.
 * @see https://doi.org/10.1080/01621459.1952.10483446
 */
export function horvitzThompson(
  values: readonly WeightedValue[],
  level: number = LEVEL,
): Interval & { readonly effective: number } {
  let weights = 0;
  let squares = 0;
  let sum = 0;
  for (const { value, probability } of values) {
    if (!(probability > 0 && probability <= 1))
      throw new RangeError("probability must be in (0, 1]");
    if (!(value >= 0 && value <= 1)) throw new RangeError("value must be in [0, 1]");
    const weight = 1 / probability;
    weights += weight;
    squares += weight * weight;
    sum += weight * value;
  }
  if (weights === 0) return { ...UNKNOWN, effective: 0 };
  const rate = Math.min(1, sum / weights);
  const kish = (weights * weights) / squares;
  const variance =
    values.reduce((total, v) => total + ((v.value - rate) / v.probability) ** 2, 0) / weights ** 2;
  const effective = variance > 0 ? Math.min(kish, (rate * (1 - rate)) / variance) : kish;
  return { ...wilson(Math.min(effective, rate * effective), effective, level), effective };
}
