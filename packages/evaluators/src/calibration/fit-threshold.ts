import { balancedAccuracy, type Confusion } from "../statistics/agreement.ts";

const FOLDS = 5;

/** A score with a person's verdict. */
export interface LabelledScore {
  readonly score: number;
  readonly good: boolean;
}

/** A threshold fitted to labels. */
export interface FittedThreshold {
  /** Least score that passes. */
  readonly value: number;
  /** Verdicts on items that the threshold was not fitted on (five folds). */
  readonly heldOut: Confusion;
}

/**
 * A threshold for balanced accuracy: halfway between the mean scores with fewer than 200 labels,
 * the best one with more. What it is worth is counted on held-out fifths of
 * the labels, because on its own labels any threshold looks good. Undefined when fewer than five
 * labels are good or bad.
 */
export function fitThreshold(scores: readonly LabelledScore[]): FittedThreshold | undefined {
  const good = scores.filter((item) => item.good);
  const bad = scores.filter((item) => !item.good);
  if (good.length < FOLDS || bad.length < FOLDS) return undefined;
  // By one way throughout: what is held out must tell what the threshold itself is worth.
  const best = scores.length < MIN_TO_SEARCH ? betweenMeans : searched;
  const foldOf = (at: number): number => at % FOLDS; // stratified: each class dealt out in turn
  let heldOut = NOTHING;
  for (let fold = 0; fold < FOLDS; fold++) {
    const isOut = (_: LabelledScore, at: number): boolean => foldOf(at) === fold;
    const isIn = (_: LabelledScore, at: number): boolean => foldOf(at) !== fold;
    const value = best([...good.filter(isIn), ...bad.filter(isIn)]);
    heldOut = count([...good.filter(isOut), ...bad.filter(isOut)], value, heldOut);
  }
  return { value: best(scores), heldOut };
}

const NOTHING: Confusion = { passedGood: 0, failedBad: 0, passedBad: 0, failedGood: 0 };

/** With fewer labels the best place is mostly where chance put it. */
const MIN_TO_SEARCH = 200;

/** Halfway between the mean scores of good and of bad: Fisher's discriminant in one dimension. */
function betweenMeans(scores: readonly LabelledScore[]): number {
  const mean = (good: boolean): number => {
    const those = scores.filter((item) => item.good === good);
    return those.reduce((sum, { score }) => sum + score, 0) / those.length;
  };
  return (mean(true) + mean(false)) / 2;
}

/** In the middle between two scores, where the classes are parted best. */
function searched(scores: readonly LabelledScore[]): number {
  const sorted = scores.toSorted((a, b) => a.score - b.score);
  const goods = sorted.filter(({ good }) => good).length;
  let { passedGood, failedBad, passedBad, failedGood } = NOTHING;
  passedGood = goods;
  passedBad = sorted.length - goods;
  let best = { value: sorted[0]?.score ?? 0, accuracy: 0.5 };
  for (const [at, { score, good }] of sorted.entries()) {
    if (good) {
      passedGood--;
      failedGood++;
    } else {
      passedBad--;
      failedBad++;
    }
    const above = sorted[at + 1]?.score ?? 1;
    if (above === score) continue;
    const accuracy = balancedAccuracy({ passedGood, failedBad, passedBad, failedGood });
    if (accuracy > best.accuracy) best = { value: (score + above) / 2, accuracy };
  }
  return best.value;
}

function count(scores: readonly LabelledScore[], threshold: number, start: Confusion): Confusion {
  const counts = { ...start };
  for (const { score, good } of scores) {
    const passed = score >= threshold;
    if (passed && good) counts.passedGood++;
    else if (passed) counts.passedBad++;
    else if (good) counts.failedGood++;
    else counts.failedBad++;
  }
  return counts;
}
