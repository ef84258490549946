import { clip, type Interval, LEVEL, UNKNOWN } from "./interval.ts";
import { criticalValue } from "./normal-quantile.ts";

/** How often an evaluator and people said what: `passedBad` is a bad call that it let pass. */
export interface Confusion {
  readonly passedGood: number;
  readonly failedBad: number;
  readonly passedBad: number;
  readonly failedGood: number;
}

/** Balanced accuracy: the mean of the shares of good and of bad calls that are judged rightly. */
export function balancedAccuracy(confusion: Confusion): number {
  const { passedGood, failedBad, passedBad, failedGood } = confusion;
  return (passedGood / (passedGood + failedGood) + failedBad / (failedBad + passedBad)) / 2;
}

/**
 * Cohen's κ: agreement beyond what chance gives, with its large-sample interval (Fleiss, Cohen and
 * Everitt). Where that formula says that nothing can be otherwise (no error, or always the same
 * verdict), the interval is that of half a label more in each cell. NaN from −1 to 1 when all
 * labels, or all verdicts and labels, are the same.
 * @see https://doi.org/10.1177/001316446002000104
 * @see https://doi.org/10.1037/h0028106
 */
export function cohenKappa(confusion: Confusion, level: number = LEVEL): Interval {
  const { passedGood: a, passedBad: b, failedGood: c, failedBad: d } = confusion;
  const z = criticalValue(level);
  const seen = kappaOf(a, b, c, d);
  if (seen === undefined) return { ...UNKNOWN, low: -1 };
  const { kappa, error } = seen;
  const spread = error > 1e-6 ? seen : kappaOf(a + HALF, b + HALF, c + HALF, d + HALF);
  const middle = spread?.kappa ?? kappa;
  const reach = z * (spread?.error ?? 0);
  return {
    estimate: kappa,
    low: Math.max(-1, Math.min(kappa, middle - reach)),
    high: Math.min(1, Math.max(kappa, middle + reach)),
  };
}

const HALF = 0.5;

/** κ and its standard error; undefined where chance alone agrees always. */
function kappaOf(
  a: number,
  b: number,
  c: number,
  d: number,
): { readonly kappa: number; readonly error: number } | undefined {
  const total = a + b + c + d;
  const passed = (a + b) / total;
  const good = (a + c) / total;
  const chance = passed * good + (1 - passed) * (1 - good);
  if (!(total > 0) || chance === 1) return undefined;
  const kappa = ((a + d) / total - chance) / (1 - chance);
  const k = 1 - kappa;
  const diagonal =
    (a / total) * (1 - (passed + good) * k) ** 2 + (d / total) * (1 - (2 - passed - good) * k) ** 2;
  const others =
    k * k * ((b / total) * (good + 1 - passed) ** 2 + (c / total) * (1 - good + passed) ** 2);
  const variance = (diagonal + others - (kappa - chance * k) ** 2) / ((1 - chance) ** 2 * total);
  return { kappa, error: Math.sqrt(Math.max(0, variance)) };
}

/**
 * Interval of a mean of two independent rates, from theirs. @see
 * https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
 */
export function meanOfRates(first: Interval, second: Interval): Interval {
  const estimate = (first.estimate + second.estimate) / 2;
  if (Number.isNaN(estimate)) return UNKNOWN;
  const below = Math.hypot(first.estimate - first.low, second.estimate - second.low) / 2;
  const above = Math.hypot(first.high - first.estimate, second.high - second.estimate) / 2;
  return clip(estimate, estimate - below, estimate + above);
}
