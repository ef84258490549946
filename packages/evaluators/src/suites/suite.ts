import { type Clock, systemClock } from "@burnrate/core";
import {
  checkFraction,
  checkMethods,
  checkOneOf,
  checkString,
  checkWholeNumber,
} from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  inconclusive,
  type TextEvaluator,
} from "../evaluator.ts";
import { checkRuleOptions, GOES_ON } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { MAX_MS } from "../with-deadline.ts";
import { checkCriteria } from "./check-criteria.ts";
import { conclude } from "./conclude.ts";
import type { Criterion, CriterionResult } from "./criterion.ts";
import { runCriterion } from "./run-criterion.ts";

/** When a suite passes, and how a guard runs it; what {@link suite} and the ready ones share. */
export interface SuiteRunOptions extends EvaluatorOptions {
  /** Least weighted mean that passes (default 0.5). Fit it on labels with `calibrate`. */
  readonly threshold?: number;
  /** Least share of the weight that must have been measured (default 0.5). */
  readonly minCoverage?: number;
  /**
   * Deadline of the whole (default: the longest of its criteria and a tenth more). Criteria end by
   * nine tenths of it, so that one that hangs costs its own verdict and not the suite's.
   */
  readonly timeoutMs?: number;
  /** For the deadlines (default: the machine's clocks). */
  readonly clock?: Clock;
}

/** Options of {@link suite}. */
export interface SuiteOptions extends SuiteRunOptions {
  /** What verdicts are recorded under. */
  readonly name: string;
  /** At most 50, with different names, that look at the same thing (`on`) as the suite. */
  readonly criteria: readonly Criterion[];
}

/** Several criteria as one evaluator. */
export interface Suite extends TextEvaluator {
  /** Every criterion's result, in the order of the criteria. Never rejects. */
  judge(given: EvaluatorInput): Promise<readonly CriterionResult[]>;
}

/** The keys of {@link SuiteRunOptions} that a guard does not know. */
export const SUITE_KEYS = ["threshold", "minCoverage", "clock"] as const;

/**
 * Makes one evaluator of several criteria, which run at the same time, each with its own deadline.
 * The score is the weighted mean of those that were measured.
 *
 * A required criterion that fails fails the suite (label `required-failed`, score 0); one that
 * errs, takes too long or is unsure leaves it inconclusive, which a required evaluator of a guard
 * refuses. So does too little measured weight. Other labels are `passed` and `below-threshold`; the
 * reason names criteria.
 * @example
 * const answers = suite({
 *   name: "answers",
 *   criteria: [
 *     { evaluator: piiLeak(), required: true, weight: 0 },
 *     { evaluator: groundednessLexical(), weight: 2 },
 *     { evaluator: answerRelevance() },
 *   ],
 *   required: true,
 * });
 * createGuard({ evaluators: [answers] });
 * for (const { name, status } of await answers.judge({ output, context })) console.log(name, status);
 * @throws {ConfigError} `BR9001`
 */
export function suite(options: SuiteOptions): Suite {
  const run = checkRuleOptions("suite", options, ["criteria", ...SUITE_KEYS]);
  checkString("suite().name", options.name);
  const on = checkOneOf("suite().on", run.on, ["model", "tool", "task"]);
  const criteria = checkCriteria("suite().criteria", options.criteria, on);
  const limits = {
    threshold: checkThreshold("suite", options.threshold ?? 0.5),
    minCoverage: checkFraction("suite().minCoverage", options.minCoverage ?? 0.5, {
      allowZero: true,
    }),
  };
  const clock = options.clock ?? systemClock;
  checkMethods("suite().clock", clock, ["setTimer"]);
  const longest = Math.max(...criteria.map(({ timeoutMs }) => timeoutMs));
  const timeoutMs = checkWholeNumber(
    "suite().timeoutMs",
    options.timeoutMs ?? Math.min(MAX_MS, Math.ceil(longest / 0.9)),
    { min: 10, max: MAX_MS },
  );
  const latest = Math.floor(timeoutMs * 0.9);
  const judge = (given: EvaluatorInput): Promise<readonly CriterionResult[]> =>
    Promise.all(
      criteria.map((one) => runCriterion(one, given, clock, Math.min(one.timeoutMs, latest))),
    );
  const evaluator: TextEvaluator = {
    ...run,
    timeoutMs,
    sources: criteria.some(({ sources }) => sources),
    evaluate: async (given) => {
      const verdict = conclude(await judge(given), limits);
      const isOpen = given.partial === true && verdict.label === "below-threshold";
      return isOpen ? inconclusive(GOES_ON) : verdict;
    },
  };
  // Hidden, because a guard refuses keys that it does not know.
  return Object.defineProperty(evaluator, "judge", { value: judge }) as Suite;
}
