import {
  checkFraction,
  checkMethods,
  checkObject,
  checkWholeNumber,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { Calibration } from "./calibrate.ts";
import { type Judge, judgeItems } from "./judge-items.ts";
import { checkLabels, type LabelledItem } from "./label.ts";

/** Options of {@link driftCheck}. */
export interface DriftCheckOptions {
  readonly evaluator: Judge;
  /** Items whose verdict is known and does not change. */
  readonly canaries: readonly LabelledItem[];
  /** What the evaluator was worth: as many errors as that are no drift. Without it none is allowed. */
  readonly calibration?: Calibration;
  /** How improbable so many errors must be to be called drift (default 0.01). */
  readonly alpha?: number;
  /** How many items are judged at a time (default 4). */
  readonly concurrency?: number;
}

/** What {@link driftCheck} found. */
export interface DriftReport {
  readonly drifted: boolean;
  /** Canaries judged otherwise than known; one without a verdict counts as that. */
  readonly wrong: readonly string[];
  readonly canaries: number;
  /** How probable so many errors, or more, are for an evaluator that is as it was. */
  readonly probability: number;
}

const KEYS = ["evaluator", "canaries", "calibration", "alpha", "concurrency"] as const;

/**
 * Judges items whose verdict is known, to see that the evaluator, its model or its prompt has not
 * changed under the calibration. Run it with each deployment and daily for hosted judges.
 * @throws {ConfigError} `BR9001`
 */
export async function driftCheck(options: DriftCheckOptions): Promise<DriftReport> {
  const given = checkObject("driftCheck()", options);
  refuseUnknownKeys("driftCheck()", given, KEYS);
  const { evaluator, canaries, calibration, alpha = 0.01, concurrency = 4 } = options;
  checkMethods("driftCheck().evaluator", evaluator, ["evaluate"]);
  checkLabels("driftCheck().canaries", canaries);
  checkFraction("driftCheck().alpha", alpha);
  checkWholeNumber("driftCheck().concurrency", concurrency, { min: 1, max: 1_000 });
  const judged = await judgeItems(evaluator, canaries, concurrency);
  const wrong = judged.filter(({ passed, good }) => passed !== good).map(({ id }) => id);
  const errorRate = calibration === undefined ? 0 : errorRateOf(calibration);
  const probability = atLeast(wrong.length, canaries.length, errorRate);
  return { drifted: probability < alpha, wrong, canaries: canaries.length, probability };
}

/** Errors and missing verdicts among the labels of the calibration. */
function errorRateOf({ confusion, labelled }: Calibration): number {
  return 1 - (confusion.passedGood + confusion.failedBad) / labelled;
}

/** Probability of this many errors or more, binomial, summed term by term from none. */
function atLeast(errors: number, trials: number, rate: number): number {
  if (errors === 0) return 1;
  if (rate <= 0) return 0;
  if (rate >= 1) return 1;
  let log = trials * Math.log1p(-rate);
  let below = 0;
  for (let k = 0; k < errors; k++) {
    below += Math.exp(log);
    log += Math.log((trials - k) / (k + 1)) + Math.log(rate / (1 - rate));
  }
  return Math.max(0, 1 - below);
}
