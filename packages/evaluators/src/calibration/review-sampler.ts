import { createHash } from "node:crypto";
import { checkFraction, checkObject, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";

const STATES = ["passed", "failed", "unmeasured"] as const;

/** Share of the calls that people look at, for each verdict. */
export interface ReviewRates {
  /** Above 0, or nothing is known of what passes (default 0.02). */
  readonly passed?: number;
  /** Above 0 (default 0.5). */
  readonly failed?: number;
  /** Inconclusive, failed to run, timed out; above 0 (default 0.2). */
  readonly unmeasured?: number;
}

/** Whether a call goes to people, and what its label will count. */
export interface ReviewChoice {
  readonly chosen: boolean;
  /** Probability that it was chosen: keep it with the label, for `horvitzThompson`. */
  readonly probability: number;
}

/** Chooses calls for review by id and verdict. */
export type ReviewSampler = (id: string, passed: boolean | undefined) => ReviewChoice;

/**
 * Samples calls for people to label: many of those that failed, few of those that passed, each with
 * its probability, so that rates can be weighted back. The same id and salt are chosen again, and
 * a lower rate chooses among those that a higher one would.
 * @param salt Another one chooses others; keep it from whoever can choose call ids.
 * @throws {ConfigError} `BR9001`
 */
export function createReviewSampler(rates: ReviewRates, salt: string): ReviewSampler {
  const given = checkObject("createReviewSampler()", rates);
  refuseUnknownKeys("createReviewSampler()", given, STATES);
  checkString("createReviewSampler().salt", salt);
  const share = (state: (typeof STATES)[number], fallback: number): number =>
    checkFraction(`createReviewSampler().${state}`, rates[state] ?? fallback);
  const passedRate = share("passed", 0.02);
  const failedRate = share("failed", 0.5);
  const unmeasuredRate = share("unmeasured", 0.2);
  return (id, passed) => {
    const judged = passed === true ? passedRate : failedRate;
    const probability = passed === undefined ? unmeasuredRate : judged;
    return { chosen: fractionOf(salt, id) < probability, probability };
  };
}

/** A number from 0 up to 1 that depends on salt and id alone. */
function fractionOf(salt: string, id: string): number {
  const digest = createHash("sha256").update(`${salt}\n${id}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
