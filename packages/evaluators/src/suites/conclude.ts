import { inconclusive, type Verdict } from "../evaluator.ts";
import { scored } from "../rule.ts";
import { type WeightedScore, weightedMean } from "../statistics/weighted-mean.ts";
import type { CriterionResult } from "./criterion.ts";

/** When a suite passes. */
export interface SuiteLimits {
  readonly threshold: number;
  readonly minCoverage: number;
}

/**
 * The verdict of a suite. A required criterion that failed makes it 0, so that no threshold fitted
 * on the score afterwards can pass it; one that was not measured leaves it open. Otherwise it is
 * the weighted mean of what was measured, if that is enough.
 */
export function conclude(all: readonly CriterionResult[], limits: SuiteLimits): Verdict {
  const results = all.filter(({ status }) => status !== "skipped");
  if (results.length === 0) return { ...inconclusive("there was nothing to judge"), skipped: true };
  const required = results.filter((result) => result.required);
  const broken = required.filter(({ status }) => status === "failed");
  if (broken.length > 0) {
    return scored(0, false, "required-failed", `required and failed: ${tell(broken)}`);
  }
  const open = required.filter(({ status }) => status !== "passed");
  if (open.length > 0) return inconclusive(`required and not measured: ${tell(open)}`);
  return weigh(results, limits);
}

/** Three of six weights of 0.3 may come out as 0.49999999999999994 of them. */
const ROUNDING = 1e-9;

function weigh(results: readonly CriterionResult[], limits: SuiteLimits): Verdict {
  let total = 0;
  let measured = 0;
  const scores: WeightedScore[] = [];
  for (const { weight, score } of results) {
    total += weight;
    if (score === undefined) continue;
    measured += weight;
    scores.push({ weight, score });
  }
  if (total === 0) return scored(1, true, "passed", "nothing failed"); // gates alone
  const missing = results.filter(({ score }) => score === undefined);
  const gaps = missing.length === 0 ? "" : `; not measured: ${tell(missing)}`;
  if (measured === 0 || measured / total < limits.minCoverage - ROUNDING) {
    const share = Math.round((100 * measured) / total);
    return inconclusive(`${share} % of the weight was measured${gaps}`);
  }
  const score = weightedMean(scores);
  const passed = score >= limits.threshold;
  const failed = results.filter(({ status }) => status === "failed");
  const fails = failed.length === 0 ? "nothing failed" : `failed: ${tell(failed)}`;
  return scored(score, passed, passed ? "passed" : "below-threshold", `${fails}${gaps}`);
}

function tell(results: readonly CriterionResult[]): string {
  return results
    .map(({ name, status, label, reason }) => {
      const why = reason === "" ? "" : `: ${reason}`;
      return `${name} (${label ?? status}${why})`;
    })
    .join(", ");
}
