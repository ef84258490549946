import {
  checkBoolean,
  checkMethods,
  checkObject,
  checkOneOf,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  inconclusive,
  isJudged,
  type TextEvaluator,
  type Verdict,
} from "../evaluator.ts";
import { GOES_ON } from "../rule.ts";
import type { Calibration } from "./calibrate.ts";

/** Where an evaluator has the fitted threshold by which it passes; kept when it is spread. */
export const AT_FITTED: unique symbol = Symbol.for("burnrate.fitted-threshold");

/** Options of {@link toBlocking}. */
export interface ToBlockingOptions {
  /** `own` (default) keeps the evaluator's verdicts; `fitted` takes the calibration's threshold. */
  readonly threshold?: "own" | "fitted";
  /** Blocks although the calibration says that it should not (default false). */
  readonly evenIfUnfit?: boolean;
}

/**
 * Makes an evaluator required, so that a call whose result it fails or cannot judge is refused,
 * if its calibration allows that. It looks at every call, whatever share it was watched with.
 * @example
 * const guard = createGuard({ evaluators: [toBlocking(evaluator, await calibrate({ evaluator, labels }))] });
 * @throws {ConfigError} `BR9001` when κ is below 0.6, labels are fewer than 50, good or bad ones
 * fewer than 5, or the calibration is another evaluator's.
 */
export function toBlocking(
  evaluator: TextEvaluator,
  calibration: Calibration,
  options: ToBlockingOptions = {},
): TextEvaluator {
  checkMethods("toBlocking().evaluator", evaluator, ["evaluate"]);
  checkObject("toBlocking().calibration", calibration);
  const given = checkObject("toBlocking()", options);
  refuseUnknownKeys("toBlocking()", given, ["threshold", "evenIfUnfit"]);
  const threshold = checkOneOf("toBlocking().threshold", options.threshold ?? "own", [
    "own",
    "fitted",
  ]);
  const anyway = checkBoolean("toBlocking().evenIfUnfit", options.evenIfUnfit ?? false);
  if (calibration.evaluator !== evaluator.name) {
    const expected = `that of ${evaluator.name}`;
    throw optionError("toBlocking().calibration", calibration.evaluator, expected);
  }
  const agreement = threshold === "own" ? calibration : calibration.fitted;
  const objection = agreement === undefined ? "no threshold could be fitted" : agreement.objection;
  if (objection !== undefined && !(anyway && agreement !== undefined)) {
    const expected = `one that may block (${objection}); label more calls, mend the evaluator, or set evenIfUnfit: true`;
    throw optionError("toBlocking().calibration", evaluator.name, expected);
  }
  const run = { mode: "inline", required: true, onFail: "refuse", sample: 1 } as const;
  const blocking = { ...evaluator, ...run };
  const fitted = threshold === "fitted" ? calibration.fitted : undefined;
  if (fitted === undefined) return { ...blocking, evaluate: (given) => evaluator.evaluate(given) };
  const evaluate: TextEvaluator["evaluate"] = async (given) =>
    atThreshold(await evaluator.evaluate(given), fitted.threshold, given);
  return Object.assign(blocking, { evaluate, [AT_FITTED]: fitted.threshold });
}

function atThreshold(verdict: Verdict, threshold: number, { partial }: EvaluatorInput): Verdict {
  if (!isJudged(verdict)) return verdict;
  const passed = verdict.score >= threshold;
  if (passed === verdict.passed) return verdict;
  if (!passed && partial === true) return inconclusive(GOES_ON); // the score of the whole may rise
  return { ...verdict, passed, label: passed ? "above-threshold" : "below-threshold" };
}
