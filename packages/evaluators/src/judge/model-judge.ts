import { checkBoolean, checkObject, checkWholeNumber } from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  inconclusive,
  type TextEvaluator,
  type Verdict,
} from "../evaluator.ts";
import { checkRuleOptions, GOES_ON, scored } from "../rule.ts";
import { read } from "../shape.ts";
import { answerTurn, toolTurn } from "../tool-calls/turns.ts";
import { checkCallOptions, JUDGE_CALL_KEYS, type JudgeCallOptions } from "./judge-call-options.ts";
import { createJudgeCaller } from "./judge-caller.ts";
import type { JudgeFigures } from "./judge-figures.ts";
import { readMaterial } from "./material.ts";
import type { Answer } from "./read-answer.ts";
import { type CheckedRubric, checkRubric, type ReadyRubric, type Rubric } from "./rubric.ts";
import { BINARY, checkScale, expectedScore, type Scale, type ScaleScores } from "./scale.ts";

/** Options of {@link modelJudge}. */
export interface ModelJudgeOptions extends JudgeCallOptions, EvaluatorOptions {
  /** One that is ready, by name, or your own. */
  readonly rubric: ReadyRubric | Rubric;
  /** 2 to 5 labels with their scores (default `{ pass: 1, fail: 0 }`: finer is less reliable). */
  readonly scale?: ScaleScores;
  /** Least score that passes (default 0.5). */
  readonly threshold?: number;
  /**
   * Lets a model judge what it wrote itself, which it prefers to what others wrote (default false).
   */
  readonly allowSameModel?: boolean;
}

/** A judge that can be asked what it has done. */
export interface ModelJudge extends TextEvaluator {
  evaluate(given: EvaluatorInput): Promise<Verdict>;
  figures(): JudgeFigures;
}

const TIMEOUT_MS = 30_000;
const OWN_KEYS = ["rubric", "scale", "threshold", "allowSameModel", ...JUDGE_CALL_KEYS];

/**
 * Lets a model judge by one rubric. The texts stand in fences with a nonce, in the user's turn
 * only; the answer is one JSON object, reason first, with a verdict of the scale, read strictly.
 *
 * Inconclusive, before anything is sent: a text that the rubric needs is missing, or is longer than
 * `maxChars`; the budget is used up; the judge's model made the call itself. A judge that was asked
 * and gave no verdict throws {@link JudgeError}, which a guard records as an error. Neither is ever
 * a pass. Inconclusive as well: a verdict that its own probabilities contradict.
 *
 * A judge errs. `calibrate` says how often; fences make injected orders rarer, not impossible, so
 * let rules stand before a judge that guards against attacks.
 * @example
 * const judges = createGuard({ budgets: ["$2/day"] }); // bills and limits what judges cost
 * const model = guardModel(openai("gpt-5-mini"), judges);
 * const judge = modelJudge({ model, rubric: "groundedness", mode: "background", sample: 0.1 });
 * await judge.evaluate({ output: "Mars has two moons.", context: "Phobos and Deimos orbit Mars." });
 * @throws {ConfigError} `BR9001`
 */
export function modelJudge(options: ModelJudgeOptions): ModelJudge {
  checkObject("modelJudge()", options);
  const ready = typeof options.rubric === "string" ? { name: options.rubric } : {};
  const run = checkRuleOptions("modelJudge", { ...ready, ...options }, OWN_KEYS);
  const rubric = checkRubric("modelJudge().rubric", options.rubric);
  const scale = checkScale("modelJudge", options.scale ?? BINARY, options.threshold ?? 0.5);
  const sameModel = checkBoolean("modelJudge().allowSameModel", options.allowSameModel ?? false);
  const bounds = { min: 10, max: 2 ** 31 - 1 };
  const timeoutMs = checkWholeNumber("modelJudge().timeoutMs", run.timeoutMs ?? TIMEOUT_MS, bounds);
  const deadline = { usual: Math.floor(timeoutMs * 0.9), max: timeoutMs - 1 };
  const checked = checkCallOptions("modelJudge()", options, deadline);
  const caller = createJudgeCaller(checked);
  const orders = ordersOf(rubric, scale);
  const { modelId } = checked.asker;
  const evaluator: TextEvaluator = {
    ...run,
    timeoutMs,
    sources: rubric.needs.includes("context"),
    async evaluate(given) {
      if (given.partial === true) return inconclusive(GOES_ON); // one question, about the whole
      const turn = rubric.needs.includes("toolCalls") ? answerTurn(given) : toolTurn(given);
      if (turn !== undefined) return turn;
      if (!sameModel && modelId !== undefined && madeBy(given, modelId)) {
        return inconclusive("the judge's model wrote the output; set allowSameModel to judge it");
      }
      const found = readMaterial(given, rubric.needs, checked.maxChars);
      if (found.kind === "none") return inconclusive(found.reason);
      const inquiry = { orders, labels: scale.labels, material: found.material };
      const answer = await caller.ask(inquiry, given.signal, given.fresh);
      return "declined" in answer ? inconclusive(answer.declined) : toVerdict(answer, scale);
    },
  };
  // Hidden, because a guard refuses keys that it does not know.
  return Object.defineProperty(evaluator, "figures", { value: caller.figures }) as ModelJudge;
}

function ordersOf({ criterion, passes, fails }: CheckedRubric, { labels }: Scale): string {
  const between = labels.slice(1, -1).map((label) => `"${label}"`);
  return [
    `Judge one thing: ${criterion}`,
    `"${labels[0]}": ${passes}`,
    ...(between.length > 0 ? [`${between.join(", ")}: between the two, the better first`] : []),
    `"${labels.at(-1)}": ${fails}`,
  ].join("\n");
}

function madeBy({ record, metadata }: EvaluatorInput, modelId: string): boolean {
  return [record?.model, record?.name, read(metadata, "model")].includes(modelId);
}

function toVerdict({ verdict, reason, probabilities }: Answer, scale: Scale): Verdict {
  const worth = scale.scores.get(verdict) ?? 0;
  const passed = worth >= scale.threshold;
  if (probabilities === undefined) return scored(worth, passed, verdict, reason);
  const score = expectedScore(scale, probabilities);
  if (score >= scale.threshold === passed) return scored(score, passed, verdict, reason);
  return inconclusive(`the verdict is ${verdict}, but its probabilities say otherwise`);
}
