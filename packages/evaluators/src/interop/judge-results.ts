import { inconclusive, type Judged, type Verdict } from "../evaluator.ts";
import { scored } from "../rule.ts";
import { weightedMean } from "../statistics/weighted-mean.ts";
import type { CheckedForeign } from "./foreign-options.ts";
import type { ForeignResult } from "./read-results.ts";

type How = Omit<CheckedForeign, "run" | "requires" | "values" | "clock">;

/** The verdict of one or several results; what was not measured is inconclusive, never 0. */
export function judgeResults(results: readonly ForeignResult[] | undefined, how: How): Verdict {
  if (results === undefined) return inconclusive("its answer cannot be read");
  if (results.length === 0) return inconclusive("it answered nothing");
  const { pick, combine } = how;
  if (pick !== undefined) {
    const [picked, ...more] = results.filter(({ name }) => name === pick);
    if (picked !== undefined && more.length === 0) return judgeOne(picked, how);
    return inconclusive(
      `${more.length === 0 ? "none" : "several"} of its results is the one picked`,
    );
  }
  const [only] = results;
  if (only !== undefined && results.length === 1) return judgeOne(only, how);
  if (combine === undefined) {
    return inconclusive(`it answered ${results.length} results; say which with pick, or combine`);
  }
  return combineAll(results, combine, how);
}

function combineAll(
  results: readonly ForeignResult[],
  combine: "lowest" | "mean",
  how: How,
): Verdict {
  const judged: Judged[] = [];
  for (const result of results) {
    const verdict = judgeOne(result, how);
    if (verdict.score === undefined) return verdict;
    judged.push(verdict);
  }
  const scores = judged.map(({ score }) => score);
  const mean = weightedMean(scores.map((score) => ({ score, weight: 1 })));
  const score = combine === "lowest" ? Math.min(...scores) : mean;
  const reasons = judged.map(({ reason }) => reason).filter((reason) => reason !== "");
  return atThreshold(score, how.threshold, reasons.join("; "));
}

/**
 * A foreign label is free text, which records must not keep; only categories named in options are
 * words.
 */
function judgeOne({ value, reason }: ForeignResult, how: How): Verdict {
  if (value === undefined) return inconclusive(reason === "" ? "it measured nothing" : reason);
  if (typeof value === "string") {
    const score = how.scores.get(value);
    if (score === undefined) return inconclusive("its category is none of scores");
    return scored(score, score >= how.threshold, value, reason);
  }
  if (how.direction === undefined) return inconclusive("a number, and no direction was given");
  const [low, high] = how.range;
  if (value < low || value > high) {
    return inconclusive(`its score ${value} is outside ${low} to ${high}`);
  }
  const better = how.direction === "maximize" ? value - low : high - value;
  return atThreshold(better / (high - low), how.threshold, reason);
}

function atThreshold(score: number, threshold: number, reason: string): Judged {
  const passed = score >= threshold;
  return scored(score, passed, passed ? "above-threshold" : "below-threshold", reason);
}
