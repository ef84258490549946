import { checkObject, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  type Evidence,
  inconclusive,
  type Judged,
  type RuleEvaluator,
  type Verdict,
} from "./evaluator.ts";
import { TooMuchWorkError } from "./schema/work-limit.ts";
import { readBeside } from "./text/read-beside.ts";
import { readAnswer } from "./text/read-text.ts";
import { withoutText } from "./tool-calls/turns.ts";

const RUN_KEYS = ["on", "mode", "required", "sample", "timeoutMs", "onFail", "onStream"] as const;
const MAX_EVIDENCE = 20;
/** Why a part of a stream has no verdict. */
export const GOES_ON = "the output goes on";

/**
 * Takes the options of how a guard runs an evaluator apart from its own, and refuses any other.
 * @throws {ConfigError} `BR9001`
 */
export function checkRuleOptions(
  factory: string,
  options: EvaluatorOptions,
  ownKeys: readonly string[],
): Omit<RuleEvaluator, "evaluate"> {
  const given = checkObject(`${factory}()`, options);
  refuseUnknownKeys(`${factory}()`, given, [...ownKeys, "name", ...RUN_KEYS]);
  const name = checkString(`${factory}().name`, options.name ?? factory);
  const run = RUN_KEYS.flatMap((key) => (key in given ? [[key, given[key]]] : []));
  return { name, on: "model", ...Object.fromEntries(run) };
}

/** Whether the whole fails, too, where a part of a stream does: a leak stays one. */
type Stays = (found: Verdict, given: EvaluatorInput) => boolean;

const NEVER: Stays = () => false;
const ALWAYS: Stays = () => true;

/**
 * Makes a rule that never throws: what it cannot read is inconclusive. So is a part of a stream that
 * fails and may be mended by what comes, so that a stream ends with the verdict of the whole.
 */
export function defineRule(
  run: Omit<RuleEvaluator, "evaluate">,
  judge: (given: EvaluatorInput) => Verdict,
  stays: Stays = NEVER,
): RuleEvaluator {
  return {
    ...run,
    evaluate: (handed) => {
      try {
        // By hand nobody says whose output it is; the parts of a tool's result are not one text.
        const isTool = handed.on === undefined && run.on === "tool";
        const given: EvaluatorInput = isTool ? { ...handed, on: "tool" } : handed;
        const found = judge(given);
        const isOpen = given.partial === true && found.passed === false && !stays(found, given);
        return isOpen ? inconclusive(GOES_ON) : found;
      } catch (error) {
        if (error instanceof TooMuchWorkError) return inconclusive(error.message);
        return inconclusive("the value cannot be read"); // deep, revoked or throwing data
      }
    },
  };
}

/** Makes a rule that reads the output as text. */
export function defineTextRule(
  run: Omit<RuleEvaluator, "evaluate">,
  judge: (text: string, given: EvaluatorInput) => Verdict,
  stays: Stays = NEVER,
): RuleEvaluator {
  return defineRule(
    run,
    (given) => {
      const output = readAnswer(given);
      return output.kind === "none" ? withoutText(given, output) : judge(output.text, given);
    },
    (found, given) => stays(found, given) && !standsAtEnd(found, given),
  );
}

/**
 * Makes a rule that looks for what must not be there: in the output's text, then in all that its
 * data says beside.
 */
export function defineSearchRule(
  run: Omit<RuleEvaluator, "evaluate">,
  judge: (text: string, given: EvaluatorInput) => Verdict,
): RuleEvaluator {
  const { evaluate } = defineTextRule(run, judge, ALWAYS);
  const search = (given: EvaluatorInput): Verdict => {
    const found = evaluate(given);
    const isOpen = found.passed === true || ("skipped" in found ? false : isSilent(given));
    const beside = isOpen && given.partial !== true ? readBeside(given) : undefined;
    if (beside === undefined) return found;
    if (beside.kind === "none") return inconclusive(beside.reason);
    const more = judge(beside.text, given);
    return more.passed === false || found.passed === undefined ? withoutPlaces(more) : found;
  };
  return defineRule(run, search, ALWAYS);
}

/** Whether an output has no text of its own, and can be read. */
function isSilent(given: EvaluatorInput): boolean {
  const output = readAnswer(given);
  return output.kind === "none" && output.isEmpty === true;
}

/** Of findings outside of the text no place can be said. */
function withoutPlaces(verdict: Verdict): Verdict {
  if (verdict.passed === undefined) return verdict;
  const { evidence: _, ...rest } = verdict;
  return rest;
}

/** As many characters behind a finding may make it another: `1.2.3.4` goes on with `.5`. */
const EDGE = 2;
/** So does its word, as long as a host's part may be: `a@b.org` goes on as `a@b.org-team.com`. */
const WORD = 63;

/** Whether a finding is about the last word or characters alone. */
function standsAtEnd({ evidence = [] }: Verdict & Partial<Judged>, given: EvaluatorInput): boolean {
  const output = readAnswer(given);
  const text = output.kind === "text" ? output.text : "";
  return evidence.length > 0 && evidence.every(({ end }) => isOpenAt(text, end));
}

function isOpenAt(text: string, end: number): boolean {
  if (end >= text.length - EDGE) return true;
  return text.length - end <= WORD && !/\s/.test(text.slice(end));
}

/** A verdict whose score is 1 or 0. */
export function verdict(
  passed: boolean,
  [good, bad]: readonly [good: string, bad: string],
  reason: string,
  evidence: readonly Evidence[] = [],
): Judged {
  return scored(passed ? 1 : 0, passed, passed ? good : bad, reason, evidence);
}

/** A verdict with a score between; at most 20 places are kept as evidence. */
export function scored(
  score: number,
  passed: boolean,
  label: string,
  reason: string,
  evidence: readonly Evidence[] = [],
): Judged {
  const judged = { passed, score, label, reason };
  return evidence.length === 0 ? judged : { ...judged, evidence: evidence.slice(0, MAX_EVIDENCE) };
}

/** Quotes the first places of the output, for a reason. */
export function quoteEvidence(text: string, evidence: readonly Evidence[]): string {
  const shown = evidence.slice(0, 5).map(({ start, end, kind }) => {
    const words = text.slice(start, Math.min(end, start + 60)).replace(/\s+/g, " ");
    return `${kind} "${words}"`;
  });
  const more = evidence.length > shown.length ? `, ${evidence.length - shown.length} more` : "";
  return shown.join(", ") + more;
}
