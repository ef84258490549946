import { horvitzThompson } from "../statistics/horvitz-thompson.ts";
import type { Interval } from "../statistics/interval.ts";
import { predictionPowered } from "../statistics/prediction-powered.ts";
import { wilson } from "../statistics/wilson.ts";

/** The share of good results, with what is known of it. */
export interface RateSli extends Interval {
  /** Calls with a verdict of the evaluator. */
  readonly judged: number;
  /** Calls among them with a verdict of a person. */
  readonly labelled: number;
  /**
   * Share of the evaluations begun that came to a verdict: errors and unsure ones are missing. What
   * found the queue full never began: `guard.metrics().dropped.evaluations` counts that.
   */
  readonly coverage: number;
  /**
   * Whether people's labels are behind the estimate. Without, it is how often the evaluator says
   * "good", which may be far from how often it is.
   */
  readonly calibrated: boolean;
  readonly method: "judge-only" | "human-only" | "weighted-human" | "prediction-powered";
}

/** One evaluation of a call, and what a person said of it, if anybody did. */
export interface Observation {
  /** Undefined when the evaluator was unsure, failed to run or timed out. */
  readonly passed: boolean | undefined;
  readonly human?: boolean | undefined;
  /** Probability that the call was chosen for review (default: all the same). */
  readonly probability?: number | undefined;
}

/** With fewer labels than this nothing is corrected by them. */
export const MIN_CALIBRATING_LABELS = 30;

/** Labels that a sample would be like in fewer cases are none of all calls. */
const LEAST_CHANCE = 0.01;

/**
 * The share of good results among calls: corrected by labels where there are 30 and more. Labels
 * chosen with different probabilities are weighted; labels of a plain random sample are combined
 * with the evaluator's verdicts on all other calls. Where hardly anybody looked at what passed, or
 * at what failed, labels say nothing of all calls, and nothing is corrected by them.
 */
export function rateSli(observations: readonly Observation[]): RateSli {
  const judged = observations.filter(({ passed }) => passed !== undefined);
  const labelled = observations.filter(({ human }) => human !== undefined);
  const counts = {
    judged: judged.length,
    labelled: labelled.length,
    coverage: observations.length === 0 ? 0 : judged.length / observations.length,
  };
  if (labelled.length < MIN_CALIBRATING_LABELS || isOneSided(labelled, judged)) {
    const interval = wilson(judged.filter(({ passed }) => passed).length, judged.length);
    return { ...interval, ...counts, calibrated: false, method: "judge-only" };
  }
  const { estimate, low, high, method } = corrected(labelled, judged);
  return { estimate, low, high, ...counts, calibrated: true, method };
}

/**
 * Whether calls of one verdict have no label, though some of them would, had they been chosen with
 * the probability of the others: a review of failures alone is no sample of all calls.
 */
function isOneSided(labelled: readonly Observation[], judged: readonly Observation[]): boolean {
  const probabilities = labelled.flatMap(({ probability }) => probability ?? []);
  if (probabilities.length < labelled.length) return false; // taken for a plain sample
  // At most a half, because some may wait for their label.
  const least = probabilities.reduce((lowest, one) => Math.min(lowest, one), 0.5);
  return [true, false].some((verdict) => {
    const those = judged.filter(({ passed }) => passed === verdict);
    const isSeen = those.some(({ human }) => human !== undefined);
    return !isSeen && (1 - least) ** those.length < LEAST_CHANCE;
  });
}

function corrected(
  labelled: readonly Observation[],
  judged: readonly Observation[],
): Interval & { readonly method: RateSli["method"] } {
  const [first] = labelled;
  if (labelled.some(({ probability = 1 }) => probability !== (first?.probability ?? 1))) {
    const values = labelled.map(({ human, probability = 1 }) => ({
      value: toNumber(human),
      probability,
    }));
    return { ...horvitzThompson(values), method: "weighted-human" };
  }
  // A label on a call without a verdict would make the labelled unlike the judged: all count then.
  if (labelled.some(({ passed }) => passed === undefined)) {
    const good = labelled.filter(({ human }) => human).length;
    return { ...wilson(good, labelled.length), method: "human-only" };
  }
  const pairs = labelled.map(({ human, passed }) => ({
    human: toNumber(human),
    judge: toNumber(passed),
  }));
  const others = judged.filter(({ human }) => human === undefined);
  const mean = others.filter(({ passed }) => passed).length / Math.max(1, others.length);
  return predictionPowered(pairs, { count: others.length, mean });
}

function toNumber(value: boolean | undefined): 0 | 1 {
  return value === true ? 1 : 0;
}
