import { type Clock, type Evaluation, systemClock } from "@burnrate/core";
import { checkArray, checkMethods, checkString, checkWholeNumber } from "@burnrate/core/adapter";
import type { Judge } from "../calibration/judge-items.ts";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  type Inconclusive,
  inconclusive,
  type Judged,
  type TextEvaluator,
} from "../evaluator.ts";
import { checkRuleOptions, scored } from "../rule.ts";
import { read } from "../shape.ts";
import { withDeadline } from "../with-deadline.ts";

/** Options of {@link jury}. */
export interface JuryOptions extends EvaluatorOptions {
  /** 2 to 15 evaluators of one question; best small models of different makers. */
  readonly judges: readonly Judge[];
  /** Fewest votes for a verdict (default: more than half of the judges). */
  readonly quorum?: number;
  /** For the deadline (default: the machine's clocks). */
  readonly clock?: Clock;
}

/** What the jurors said. */
export interface Votes {
  readonly passed: number;
  readonly failed: number;
  /** Inconclusive, failed or late: no votes, neither way. */
  readonly missing: number;
  /** 0 when all votes agree, 1 when they are split evenly. Above some 0.5 a person should look. */
  readonly disagreement: number;
}

/** A verdict with its votes. */
export type JuryVerdict = (Judged | Inconclusive) & { readonly votes: Votes };

/** Several judges as one evaluator. */
export interface Jury extends TextEvaluator {
  evaluate(given: EvaluatorInput): Promise<JuryVerdict>;
}

/** Undefined for none; `skipped` when the juror found nothing to judge. */
type Vote = boolean | "skipped" | undefined;

const TIMEOUT_MS = 30_000;

/**
 * Lets several judges vote. The score is the share of votes that pass, and more than half pass. A
 * juror that errs, hangs or is unsure has no vote; with fewer votes than the quorum, or as many for
 * as against, there is no verdict. Never throws.
 * @example
 * const judges = models.map((model) => modelJudge({ model, rubric: "safety" }));
 * createGuard({ evaluators: [jury({ name: "safety", judges, quorum: 3, required: true })] });
 * @throws {ConfigError} `BR9001`
 * @see https://arxiv.org/abs/2404.18796 (a panel of small judges)
 */
export function jury(options: JuryOptions): Jury {
  const run = checkRuleOptions("jury", options, ["judges", "quorum", "clock"]);
  const judges = checkArray("jury().judges", options.judges, 15) as readonly Judge[];
  checkWholeNumber("jury().judges.length", judges.length, { min: 2 });
  for (const [at, judge] of judges.entries()) {
    checkMethods(`jury().judges[${at}]`, judge, ["evaluate"]);
    checkString(`jury().judges[${at}].name`, judge.name);
  }
  const quorum = checkWholeNumber(
    "jury().quorum",
    options.quorum ?? Math.floor(judges.length / 2) + 1,
    { min: 1, max: judges.length },
  );
  const clock = options.clock ?? systemClock;
  checkMethods("jury().clock", clock, ["setTimer"]);
  const bounds = { min: 10, max: 2 ** 31 - 1 };
  const timeoutMs = checkWholeNumber("jury().timeoutMs", run.timeoutMs ?? TIMEOUT_MS, bounds);
  const latest = Math.floor(timeoutMs * 0.95); // those that are in time decide

  const vote = async (judge: Judge, given: EvaluatorInput): Promise<Vote> => {
    const ended = await withDeadline(clock, latest, given.signal, async (signal) =>
      readVote(await judge.evaluate({ ...given, signal })),
    );
    return ended.kind === "done" ? ended.value : undefined;
  };
  return {
    ...run,
    timeoutMs,
    sources: judges.some((judge) => read(judge, "sources") === true),
    evaluate: async (given) =>
      conclude(await Promise.all(judges.map((judge) => vote(judge, given))), quorum),
  };
}

/** Only a clear yes or no is a vote; a score that is no number takes it away. */
function readVote(evaluation: Evaluation): Vote {
  const { passed, score, skipped } = evaluation;
  if (passed === undefined && skipped === true) return "skipped";
  const sound = score === undefined || (typeof score === "number" && score >= 0 && score <= 1);
  return typeof passed === "boolean" && sound ? passed : undefined;
}

function conclude(all: readonly Vote[], quorum: number): JuryVerdict {
  const passed = all.filter((vote) => vote === true).length;
  const failed = all.filter((vote) => vote === false).length;
  const count = passed + failed;
  const share = count === 0 ? 0 : passed / count;
  const disagreement = count === 0 ? 0 : 1 - Math.abs(2 * share - 1);
  const votes = { passed, failed, missing: all.length - count, disagreement };
  const told = `${passed} passed, ${failed} failed, ${votes.missing} had no verdict`;
  if (all.every((one) => one === "skipped")) {
    return { ...inconclusive("there was nothing to judge"), skipped: true, votes };
  }
  if (count < quorum) return { ...inconclusive(`${told}; ${quorum} must vote`), votes };
  if (passed === failed) return { ...inconclusive(`${told}: a tie`), votes };
  return { ...scored(share, share > 0.5, share > 0.5 ? "passed" : "failed", told), votes };
}
