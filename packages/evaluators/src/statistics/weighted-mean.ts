/** A score with its weight. */
export interface WeightedScore {
  readonly score: number;
  readonly weight: number;
}

/**
 * The weighted mean of scores with some weight. Never outside of them: rounding must not make 0.69…
 * of three times 0.7, which would miss a threshold of 0.7.
 */
export function weightedMean(scores: readonly WeightedScore[]): number {
  let total = 0;
  let sum = 0;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const { score, weight } of scores) {
    if (!(weight > 0)) continue;
    total += weight;
    sum += weight * score;
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  return Math.max(lowest, Math.min(highest, sum / total));
}
