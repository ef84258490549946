import type { JudgeFailure } from "./judge-error.ts";

/** What a judge has done so far, in numbers. */
export interface JudgeFigures {
  /** Requests that were sent to the model, retries among them. */
  readonly calls: number;
  readonly retries: number;
  /** Verdicts that came from the cache. */
  readonly cached: number;
  /** Verdicts that came from a call that was on its way already. */
  readonly shared: number;
  /** Attempts whose answer was no verdict. */
  readonly unreadable: number;
  /** Attempts that the provider failed. */
  readonly failed: number;
  /** Attempts that the model, or a guard on it, refused. */
  readonly refused: number;
  /** Evaluations without a verdict at the deadline. */
  readonly timeouts: number;
  /** Evaluations that were not asked for want of budget. */
  readonly overBudget: number;
  /** Evaluations that were not asked because too many waited. */
  readonly crowdedOut: number;
  /** What calls have cost, in nano-dollars; those of unknown price are not in it. */
  readonly costNanoUsd: number;
  /** Answers whose price nobody knows. */
  readonly unpriced: number;
}

/** The same, while it is counted. */
export type Counters = { -readonly [K in keyof JudgeFigures]: number };

/** Starts at nothing. */
export function createCounters(): Counters {
  return {
    calls: 0,
    retries: 0,
    cached: 0,
    shared: 0,
    unreadable: 0,
    failed: 0,
    refused: 0,
    timeouts: 0,
    overBudget: 0,
    crowdedOut: 0,
    costNanoUsd: 0,
    unpriced: 0,
  };
}

/** Counts an attempt without a verdict. */
export function countFailure(counters: Counters, kind: JudgeFailure): void {
  if (kind === "unreadable") counters.unreadable++;
  else if (kind === "refused") counters.refused++;
  else if (kind === "provider") counters.failed++;
}
