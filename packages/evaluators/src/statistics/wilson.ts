import { clip, type Interval, LEVEL, UNKNOWN } from "./interval.ts";
import { criticalValue } from "./normal-quantile.ts";

/**
 * Wilson's score interval of a rate. On average it covers what it says; at single points less: at a
 * true rate of 1 % and 50 trials the interval of 95 % holds the truth in 91 % of cases.
 *
 * Counts may be fractions, as effective sample sizes are. Without trials anything is possible.
 * @throws {RangeError} when there are more successes than trials, or fewer than none, or what is no number.
 * @see https://doi.org/10.1080/01621459.1927.10502953
 */
export function wilson(successes: number, trials: number, level: number = LEVEL): Interval {
  if (!(successes >= 0 && successes <= trials)) {
    throw new RangeError("successes must be from 0 to trials");
  }
  if (trials === 0) return UNKNOWN;
  const z2 = criticalValue(level) ** 2;
  const rate = successes / trials;
  const middle = (rate + z2 / (2 * trials)) / (1 + z2 / trials);
  const variance = (rate * (1 - rate)) / trials + z2 / (4 * trials * trials);
  const reach = Math.sqrt(z2 * Math.max(0, variance)) / (1 + z2 / trials);
  // At the ends rounding must not leave 1e-17 where the formula says 0.
  return clip(
    rate,
    successes === 0 ? 0 : middle - reach,
    successes === trials ? 1 : middle + reach,
  );
}
