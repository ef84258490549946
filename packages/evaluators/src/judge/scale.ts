import { checkObject, optionError } from "@burnrate/core/adapter";
import { checkThreshold } from "../rule-options.ts";
import { weightedMean } from "../statistics/weighted-mean.ts";

const LABEL = /^[a-z][a-z0-9_-]{0,39}$/iu;
const MAX_LABELS = 5;

/** The words that a judge may answer, each with what it is worth from 0 (worst) to 1 (best). */
export type ScaleScores = Readonly<Record<string, number>>;

/** A checked scale, the best label first. */
export interface Scale {
  readonly labels: readonly string[];
  readonly scores: ReadonlyMap<string, number>;
  readonly threshold: number;
}

/** Two answers: finer scales are answered less reliably. */
export const BINARY: ScaleScores = Object.freeze({ pass: 1, fail: 0 });

/**
 * Checks 2 to 5 labels with scores, of which at least one passes and one fails.
 * @throws {ConfigError} `BR9001`
 */
export function checkScale(factory: string, given: ScaleScores, threshold: unknown): Scale {
  const path = `${factory}()`;
  const entries = Object.entries(checkObject(`${path}.scale`, given));
  if (entries.length < 2 || entries.length > MAX_LABELS) {
    throw optionError(`${path}.scale`, entries.length, `2 to ${MAX_LABELS} labels with scores`);
  }
  const scores = new Map<string, number>();
  for (const [label, score] of entries) {
    if (!LABEL.test(label)) {
      throw optionError(`${path}.scale`, label, "labels of letters, digits, _ and -");
    }
    if (typeof score !== "number" || !(score >= 0 && score <= 1)) {
      throw optionError(`${path}.scale.${label}`, score, "a number from 0 to 1");
    }
    scores.set(label, score);
  }
  const least = checkThreshold(factory, threshold);
  const passing = [...scores.values()].filter((score) => score >= least).length;
  if (passing === 0 || passing === scores.size) {
    throw optionError(`${path}.threshold`, least, "one that some labels reach and some do not");
  }
  const labels = [...scores].sort(([, a], [, b]) => b - a).map(([label]) => label);
  return { labels, scores, threshold: least };
}

/**
 * The expected score, with probabilities of its labels. Rounding must not take a verdict away that
 * is as sure as can be: 0.8 × 0.7 / 0.7 is less than 0.8.
 */
export function expectedScore(scale: Scale, probabilities: ReadonlyMap<string, number>): number {
  return weightedMean(
    [...probabilities].map(([label, weight]) => ({ weight, score: scale.scores.get(label) ?? 0 })),
  );
}
