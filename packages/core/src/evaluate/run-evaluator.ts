import type { Clock } from "../ports/clock.ts";
import type { Evaluation, EvaluationInput, EvaluationResult, Evaluator } from "./evaluator.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** Runs one evaluator to a verdict, whatever it does: hang, throw, return nonsense. Never throws. */
export function runEvaluator(
  evaluator: Evaluator,
  input: Omit<EvaluationInput, "signal">,
  clock: Clock,
): Promise<EvaluationResult> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const finish = (status: EvaluationResult["status"], evaluation?: Evaluation): void => {
      cancel();
      resolve(toResult(evaluator, status, evaluation));
    };
    const cancel = clock.setTimer(() => {
      controller.abort();
      finish("timeout");
    }, evaluator.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    Promise.resolve()
      .then(() => evaluator.evaluate({ ...input, signal: controller.signal }))
      .then((evaluation) => finish(statusOf(evaluation), evaluation))
      .catch(() => finish("error"));
  });
}

/** Only a clear yes is a pass; a score that is no number is an error. */
function statusOf(evaluation: Evaluation | undefined): EvaluationResult["status"] {
  if (typeof evaluation !== "object" || evaluation === null) return "error";
  const { passed, score } = evaluation;
  if (score !== undefined && !Number.isFinite(score)) return "error";
  if (passed === undefined) return "unsure";
  return passed === true ? "passed" : "failed";
}

function toResult(
  evaluator: Evaluator,
  status: EvaluationResult["status"],
  evaluation: Evaluation | undefined,
): EvaluationResult {
  const judged = status !== "error" && status !== "timeout";
  return {
    evaluator: evaluator.name,
    status,
    score: judged ? evaluation?.score : undefined,
    label:
      judged && typeof evaluation?.label === "string" ? evaluation.label.slice(0, 200) : undefined,
    required: evaluator.required ?? false,
  };
}
