import type { Clock } from "../ports/clock.ts";
import type { CheckedEvaluator } from "./check-evaluators.ts";
import type { Evaluation, EvaluationInput, EvaluationResult } from "./evaluator.ts";

const MAX_LABEL = 200;

type Verdict = Pick<EvaluationResult, "status" | "score" | "label">;

/**
 * What came of an evaluator: undefined when it found nothing to judge, `left` when the caller's
 * signal fired before its verdict.
 */
export type EvaluatorEnd = EvaluationResult | "left" | undefined;

/**
 * Runs one evaluator to a verdict, whatever it does: hang, throw, return nonsense. Never throws.
 */
export function runEvaluator(
  evaluator: CheckedEvaluator,
  input: Omit<EvaluationInput, "signal">,
  clock: Clock,
  caller: AbortSignal | undefined,
): Promise<EvaluatorEnd> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const end = (as: EvaluatorEnd): void => {
      cancel();
      caller?.removeEventListener("abort", leave);
      resolve(as);
    };
    const finish = (verdict: Verdict | undefined): void => {
      const { name, required } = evaluator;
      end(verdict && { evaluator: name, ...verdict, required });
    };
    const leave = (): void => {
      controller.abort(caller?.reason);
      end("left");
    };
    const cancel = clock.setTimer(() => {
      controller.abort();
      finish(withoutVerdict("timeout"));
    }, evaluator.timeoutMs);
    if (caller?.aborted === true) return leave();
    caller?.addEventListener("abort", leave, { once: true });
    Promise.resolve()
      .then(() => evaluator.evaluate({ ...input, signal: controller.signal }))
      .then((evaluation) => finish(readVerdict(evaluation)))
      .catch(() => finish(withoutVerdict("error")));
  });
}

/**
 * Reads each property once. Only a clear yes is a pass; a score that is not from 0 to 1 is an
 * error.
 */
function readVerdict(evaluation: Evaluation | undefined): Verdict | undefined {
  if (typeof evaluation !== "object" || evaluation === null) return withoutVerdict("error");
  const { score, label } = evaluation;
  const passed = evaluation.passed ?? undefined; // null of plain JavaScript is no verdict either
  if (passed === undefined && evaluation.skipped === true) return undefined;
  if (score !== undefined && !isScore(score)) return withoutVerdict("error");
  return {
    status: passed === undefined ? "unsure" : passed === true ? "passed" : "failed",
    score,
    label: typeof label === "string" ? label.slice(0, MAX_LABEL) : undefined,
  };
}

function isScore(score: unknown): boolean {
  return typeof score === "number" && score >= 0 && score <= 1;
}

function withoutVerdict(status: "error" | "timeout"): Verdict {
  return { status, score: undefined, label: undefined };
}
