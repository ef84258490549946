import type { Evaluation } from "@burnrate/core";
import type { EvaluatorInput } from "../evaluator.ts";
import type { LabelledItem } from "./label.ts";

/** What an evaluator and a person said of one item. */
export interface JudgedItem {
  readonly id: string;
  readonly good: boolean;
  /** Undefined when the evaluator was inconclusive, or threw. */
  readonly passed: boolean | undefined;
  readonly score: number | undefined;
}

/** Anything with an `evaluate` like ours; one without scores counts as 1 and 0. */
export interface Judge {
  readonly name: string;
  evaluate(given: EvaluatorInput): Evaluation | Promise<Evaluation>;
}

/**
 * Runs an evaluator over labelled items, `concurrency` at a time; what throws is not judged.
 * @param fresh Whether judges are to be asked anew.
 */
export async function judgeItems(
  evaluator: Judge,
  items: readonly LabelledItem[],
  concurrency: number,
  fresh = false,
): Promise<readonly JudgedItem[]> {
  const judged: JudgedItem[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      const item = items[at];
      if (item !== undefined) judged[at] = await judgeItem(evaluator, item, at, fresh);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  return judged;
}

async function judgeItem(
  evaluator: Judge,
  item: LabelledItem,
  at: number,
  fresh: boolean,
): Promise<JudgedItem> {
  const { id = String(at + 1), good, ...given } = item;
  let passed: boolean | undefined;
  let score: number | undefined;
  try {
    ({ passed, score = Number(passed) } = await evaluator.evaluate({ ...given, fresh }));
  } catch {
    passed = undefined;
  }
  if (typeof passed !== "boolean" || !Number.isFinite(score)) {
    return { id, good, passed: undefined, score: undefined };
  }
  return { id, good, passed, score };
}
