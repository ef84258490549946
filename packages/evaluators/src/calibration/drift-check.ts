import {
  checkFraction,
  checkMethods,
  checkObject,
  checkWholeNumber,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { Calibration } from "./calibrate.ts";
import { type Judge, judgeItems } from "./judge-items.ts";
import { checkLabels, type LabelledItem } from "./label.ts";
import { AT_FITTED } from "./to-blocking.ts";

/** Options of {@link driftCheck}. */
export interface DriftCheckOptions {
  /** The evaluator as it is now; where one blocks by a fitted threshold, what `toBlocking` returned. */
  readonly evaluator: Judge;
  /** Items whose verdict is known and does not change; at most 10,000. */
  readonly canaries: readonly LabelledItem[];
  /** What the evaluator was worth: errors that fit that are no drift. Without it none is allowed. */
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

const MAX_CANARIES = 10_000;
const KEYS = ["evaluator", "canaries", "calibration", "alpha", "concurrency"] as const;

/**
 * Judges items whose verdict is known, to see that the evaluator, its model or its prompt has not
 * changed under the calibration. Judges are asked anew, whatever their cache holds. Run it with each
 * deployment and daily for hosted judges.
 * @throws {ConfigError} `BR9001`
 */
export async function driftCheck(options: DriftCheckOptions): Promise<DriftReport> {
  const given = checkObject("driftCheck()", options);
  refuseUnknownKeys("driftCheck()", given, KEYS);
  const { evaluator, canaries, calibration, alpha = 0.01, concurrency = 4 } = options;
  checkMethods("driftCheck().evaluator", evaluator, ["evaluate"]);
  checkLabels("driftCheck().canaries", canaries, MAX_CANARIES);
  checkFraction("driftCheck().alpha", alpha);
  checkWholeNumber("driftCheck().concurrency", concurrency, { min: 1, max: 1_000 });
  if (calibration !== undefined && calibration.evaluator !== evaluator.name) {
    const expected = `that of ${evaluator.name}`;
    throw optionError("driftCheck().calibration", calibration.evaluator, expected);
  }
  const judged = await judgeItems(evaluator, canaries, concurrency, true);
  const wrong = judged.filter(({ passed, good }) => passed !== good);
  const good = judged.filter((item) => item.good).length;
  const trials = { good, bad: judged.length - good };
  const probability = atLeast(wrong.length, errorsAmong(trials, errorsOf(evaluator, calibration)));
  return {
    drifted: probability < alpha,
    wrong: wrong.map(({ id }) => id),
    canaries: canaries.length,
    probability,
  };
}

type Known = Pick<Calibration, "confusion" | "labelled" | "judged">;

/** What was counted at the threshold by which this evaluator passes. */
function errorsOf(evaluator: Judge, calibration: Calibration | undefined): Known | undefined {
  if (calibration?.fitted === undefined) return calibration;
  const { threshold, confusion } = calibration.fitted;
  const isFitted = (evaluator as { [AT_FITTED]?: number })[AT_FITTED] === threshold;
  return isFitted ? { ...calibration, confusion } : calibration;
}

/**
 * How probable each number of errors is: good and bad canaries for themselves, because there may be
 * more bad ones among them than among the labels, and those may be the harder ones.
 */
function errorsAmong(
  trials: { readonly good: number; readonly bad: number },
  known: Known | undefined,
): readonly number[] {
  if (known === undefined) return [1];
  const { confusion, labelled, judged } = known;
  const missing = (labelled - judged) / Math.max(1, judged); // shared out as the labels are
  const { passedGood, failedGood, failedBad, passedBad } = confusion;
  const ofGood = failedGood + missing * (passedGood + failedGood);
  const ofBad = passedBad + missing * (failedBad + passedBad);
  return sums(
    betaBinomial(trials.good, ofGood, passedGood),
    betaBinomial(trials.bad, ofBad, failedBad),
  );
}

/**
 * Probabilities of 0 to `trials` errors after so many errors and right verdicts (Jeffreys' prior):
 * a calibration without errors does not say that there will never be any.
 * @see https://doi.org/10.1098/rspa.1946.0056
 */
function betaBinomial(trials: number, errors: number, right: number): readonly number[] {
  const [a, b] = [errors + 0.5, right + 0.5];
  let log = 0; // of none
  for (let k = 0; k < trials; k++) log += Math.log((b + k) / (a + b + k));
  const probabilities = [Math.exp(log)];
  for (let k = 0; k < trials; k++) {
    log += Math.log(((trials - k) * (a + k)) / ((k + 1) * (b + trials - k - 1)));
    probabilities.push(Math.exp(log));
  }
  return probabilities;
}

/** Probabilities of the sum of two independent numbers. */
function sums(first: readonly number[], second: readonly number[]): readonly number[] {
  const both = new Float64Array(first.length + second.length - 1);
  for (const [at, one] of first.entries()) {
    for (const [more, other] of second.entries()) {
      both[at + more] = (both[at + more] ?? 0) + one * other;
    }
  }
  return [...both];
}

function atLeast(errors: number, probabilities: readonly number[]): number {
  if (errors === 0) return 1;
  return probabilities.slice(errors).reduce((sum, probability) => sum + probability, 0);
}
