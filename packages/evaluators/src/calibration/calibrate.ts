import {
  checkMethods,
  checkObject,
  checkWholeNumber,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import {
  balancedAccuracy,
  type Confusion,
  cohenKappa,
  meanOfRates,
} from "../statistics/agreement.ts";
import type { Interval } from "../statistics/interval.ts";
import { wilson } from "../statistics/wilson.ts";
import { fitThreshold, type LabelledScore } from "./fit-threshold.ts";
import { type Judge, type JudgedItem, judgeItems } from "./judge-items.ts";
import { checkLabels, type LabelledItem } from "./label.ts";
import { readLabels } from "./read-labels.ts";

/** Below this κ two judges agree too little for one to stand for the other. */
export const MIN_KAPPA = 0.6;
/** A κ of exactly 0.6 may come out as 0.5999999999999996. */
const ROUNDING = 1e-9;
/** Below this number κ itself is not known. */
export const MIN_LABELS = 50;
/**
 * With fewer good or bad ones a lucky judge reaches any κ. Five is the least number that a coin
 * judges rightly altogether in fewer than 5 % of cases; a judge at random then reaches a κ of 0.6
 * in fewer than 1 of 1,000 calibrations, against 1 of 60 with a single bad label.
 */
export const MIN_OF_EACH = 5;

/** Options of {@link calibrate}. */
export interface CalibrateOptions {
  /** Whose verdicts are compared with the labels: a rule, a judge, a suite. */
  readonly evaluator: Judge;
  /** Labelled items, or the path of a JSON Lines file of them. */
  readonly labels: readonly LabelledItem[] | string;
  /** How many items are judged at a time (default 4). */
  readonly concurrency?: number;
}

/** How well verdicts agree with people's. */
export interface Agreement {
  readonly confusion: Confusion;
  /** Share of good calls that pass. */
  readonly passRateOfGood: Interval;
  /** Share of bad calls that fail. */
  readonly failRateOfBad: Interval;
  readonly balancedAccuracy: Interval;
  readonly kappa: Interval;
  /** Why it must not hold up a call; undefined when it may. */
  readonly objection: string | undefined;
}

/** What is known of an evaluator after {@link calibrate}. */
export interface Calibration extends Agreement {
  readonly evaluator: string;
  readonly labelled: number;
  /** Labelled items on which it had a verdict: the only ones that agreement is counted on. */
  readonly judged: number;
  readonly coverage: Interval;
  /** Whether it may block: κ at least 0.6 on at least 50 labels, at least 5 good and 5 bad. */
  readonly mayBlock: boolean;
  /** The best threshold on its score, and its agreement on items that it was not fitted on. */
  readonly fitted: (Agreement & { readonly threshold: number }) | undefined;
}

/**
 * Compares an evaluator's verdicts with people's: what it lets through, what it stops wrongly, and
 * whether that is good enough to hold up a call. It expires with the evaluator, its model and
 * prompt, and the agent: see `driftCheck`.
 * @example
 * const calibration = await calibrate({ evaluator: groundednessLexical(), labels: "labels.jsonl" });
 * calibration.kappa; // { estimate: 0.48, low: 0.39, high: 0.57 }
 * calibration.objection; // "κ is 0.48, below 0.6"
 * @throws {ConfigError} `BR9001`, with file and line for a wrong label file.
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const given = checkObject("calibrate()", options);
  refuseUnknownKeys("calibrate()", given, ["evaluator", "labels", "concurrency"]);
  const { evaluator, labels, concurrency = 4 } = options;
  checkMethods("calibrate().evaluator", evaluator, ["evaluate"]);
  checkWholeNumber("calibrate().concurrency", concurrency, { min: 1, max: 1_000 });
  const items =
    typeof labels === "string"
      ? await readLabels(labels)
      : checkLabels("calibrate().labels", labels);
  const judgements = await judgeItems(evaluator, items, concurrency);
  const judged = judgements.filter(isConclusive);
  const agreement = agreementOf(confusionOf(judged));
  return {
    evaluator: evaluator.name,
    labelled: items.length,
    judged: judged.length,
    coverage: wilson(judged.length, items.length),
    ...agreement,
    mayBlock: agreement.objection === undefined,
    fitted: fit(judged),
  };
}

type ConclusiveItem = JudgedItem & { readonly passed: boolean; readonly score: number };

function isConclusive(item: JudgedItem): item is ConclusiveItem {
  return item.passed !== undefined;
}

function confusionOf(items: readonly ConclusiveItem[]): Confusion {
  const count = (passed: boolean, good: boolean): number =>
    items.filter((item) => item.passed === passed && item.good === good).length;
  return {
    passedGood: count(true, true),
    failedBad: count(false, false),
    passedBad: count(true, false),
    failedGood: count(false, true),
  };
}

function fit(items: readonly LabelledScore[]): Calibration["fitted"] {
  const fitted = fitThreshold(items);
  if (fitted === undefined) return undefined;
  return { threshold: fitted.value, ...agreementOf(fitted.heldOut) };
}

function agreementOf(confusion: Confusion): Agreement {
  const { passedGood, failedBad, passedBad, failedGood } = confusion;
  const passRateOfGood = wilson(passedGood, passedGood + failedGood);
  const failRateOfBad = wilson(failedBad, failedBad + passedBad);
  const kappa = cohenKappa(confusion);
  const balanced = meanOfRates(passRateOfGood, failRateOfBad);
  return {
    confusion,
    passRateOfGood,
    failRateOfBad,
    balancedAccuracy: { ...balanced, estimate: balancedAccuracy(confusion) },
    kappa,
    objection: objectionTo(kappa.estimate, passedGood + failedGood, failedBad + passedBad),
  };
}

function objectionTo(kappa: number, good: number, bad: number): string | undefined {
  const labels = good + bad;
  if (labels < MIN_LABELS) return `${labels} labels were judged, fewer than ${MIN_LABELS}`;
  const [fewer, which] = good < bad ? [good, "good"] : [bad, "bad"];
  if (fewer < MIN_OF_EACH) {
    return `${fewer} of the labels that were judged are ${which}, fewer than ${MIN_OF_EACH}`;
  }
  return kappa < MIN_KAPPA - ROUNDING ? `κ is ${kappa.toFixed(2)}, below ${MIN_KAPPA}` : undefined;
}
