import { type Interval, LEVEL } from "./interval.ts";
import { wilson } from "./wilson.ts";

/** A call that both the judge and a person have judged. */
export interface LabelledPair {
  /** 1 when the person says it is good, else 0. */
  readonly human: 0 | 1;
  /** The judge's verdict (0 or 1) or score (0 to 1) of the same call. */
  readonly judge: number;
}

/** The judge's verdicts on calls that no person has seen. */
export interface JudgedOnly {
  readonly count: number;
  readonly mean: number;
  /** Default: that of verdicts of 0 and 1, `mean × (1 − mean)`. */
  readonly variance?: number;
}

/** A rate corrected by people, and how it came about. */
export interface PredictionPowered extends Interval {
  /** `human-only` where the judge adds nothing, or there is too little to correct it by. */
  readonly method: "prediction-powered" | "human-only";
  /** How much the judge counts, 0 to 1. */
  readonly lambda: number;
}

/** With fewer good or bad labels than this the judge's errors are not known well enough. */
const MIN_OF_EACH = 10;

/**
 * The rate of good calls from many verdicts of a judge and few of people (PPI++): the judge's mean,
 * corrected by how wrong it was where people looked too, and weighted by how much it says at all.
 * A judge without merit gets weight 0, so the result is never much worse than the labels alone.
 *
 * Guarded, because PPI++ as published holds the truth in less than half of the cases when labels
 * are few and the judge is good (no error among 50 labels does not mean no error): below 10 good or
 * 10 bad labels it is Wilson's interval of the labels; one more error of each kind than was seen is
 * assumed; and the interval is Wilson's at the number of labels that would say as much.
 *
 * The labels must be a plain random sample of the same traffic.
 * @throws {RangeError} when a person's verdict is neither 0 nor 1.
 * @see https://arxiv.org/abs/2311.01453
 */
export function predictionPowered(
  labelled: readonly LabelledPair[],
  unlabelled: JudgedOnly,
  level: number = LEVEL,
): PredictionPowered {
  const count = labelled.length;
  const good = labelled.reduce((sum, { human }) => sum + human, 0);
  if (!labelled.every(({ human }) => human === 0 || human === 1)) {
    throw new RangeError("human must be 0 or 1");
  }
  const alone: PredictionPowered = {
    ...wilson(good, count, level),
    method: "human-only",
    lambda: 0,
  };
  if (Math.min(good, count - good) < MIN_OF_EACH || !(unlabelled.count > 0)) return alone;

  const { mean, count: others, variance: spread = mean * (1 - mean) } = unlabelled;
  const { judgeMean, judgeVariance, covariance } = momentsOf(labelled);
  const power = covariance / ((1 + count / others) * judgeVariance);
  if (!(power > 0)) return alone; // no merit, or always the same verdict
  const lambda = Math.min(1, power);
  const rate = lambda * mean + good / count - lambda * judgeMean;
  const variance = (lambda * lambda * spread) / others + residual(labelled, lambda) / count;
  const bounded = Math.min(1 - 1e-9, Math.max(1e-9, rate));
  const effective = (bounded * (1 - bounded)) / variance;
  if (!(effective > count)) return alone;
  const interval = wilson(bounded * effective, effective, level);
  return { ...interval, method: "prediction-powered", lambda };
}

function momentsOf(labelled: readonly LabelledPair[]) {
  const count = labelled.length;
  const judgeMean = labelled.reduce((sum, { judge }) => sum + judge, 0) / count;
  const humanMean = labelled.reduce((sum, { human }) => sum + human, 0) / count;
  let judgeVariance = 0;
  let covariance = 0;
  for (const { human, judge } of labelled) {
    judgeVariance += (judge - judgeMean) ** 2 / count;
    covariance += ((judge - judgeMean) * (human - humanMean)) / count;
  }
  return { judgeMean, judgeVariance, covariance };
}

/**
 * Variance of what the judge leaves unexplained, with one error of each kind more than was seen.
 */
function residual(labelled: readonly LabelledPair[], lambda: number): number {
  const errors = labelled.map(({ human, judge }) => human - lambda * judge);
  errors.push(1, -lambda);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1);
}
