import { type Evaluation, systemClock } from "@burnrate/core";
import type { EvaluatorInput } from "../evaluator.ts";
import { withDeadline } from "../with-deadline.ts";
import type { LabelledItem } from "./label.ts";

/** What an evaluator and a person said of one item. */
export interface JudgedItem {
  readonly id: string;
  readonly good: boolean;
  /** Undefined when the evaluator was inconclusive, late, threw or gave no score in 0 to 1. */
  readonly passed: boolean | undefined;
  readonly score: number | undefined;
}

/** As core's evaluators have it. */
const TIMEOUT_MS = 10_000;

/** Anything with an `evaluate` like ours; one without scores counts as 1 and 0. */
export interface Judge {
  readonly name: string;
  /** How long it may take for an item, as in a guard (default 10,000). */
  readonly timeoutMs?: number;
  evaluate(given: EvaluatorInput): Evaluation | Promise<Evaluation>;
}

/**
 * Runs an evaluator over labelled items, `concurrency` at a time; what throws or is late is not
 * judged, as in a guard.
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
  const ended = await withDeadline(
    systemClock,
    evaluator.timeoutMs ?? TIMEOUT_MS,
    undefined,
    (signal) => evaluator.evaluate({ ...given, fresh, signal }),
  );
  const verdict = ended.kind === "done" ? readVerdict(ended.value) : undefined;
  return { id, good, passed: verdict?.passed, score: verdict?.score };
}

function readVerdict(evaluation: Evaluation | null | undefined) {
  try {
    const { passed, score = Number(passed) } = evaluation ?? {};
    const isMeasured = typeof passed === "boolean" && score >= 0 && score <= 1;
    return isMeasured ? { passed, score } : undefined;
  } catch {
    return undefined; // a getter that throws
  }
}
