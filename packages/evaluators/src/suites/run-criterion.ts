import type { Clock } from "@burnrate/core";
import type { EvaluatorInput } from "../evaluator.ts";
import { withDeadline } from "../with-deadline.ts";
import type { CheckedCriterion } from "./check-criteria.ts";
import type { CriterionResult } from "./criterion.ts";

type Found = Pick<CriterionResult, "status" | "score" | "label" | "reason" | "error">;

/**
 * Runs one criterion to a result, whatever it does: hang, throw, return nonsense. Never rejects.
 */
export async function runCriterion(
  criterion: CheckedCriterion,
  given: EvaluatorInput,
  clock: Clock,
  timeoutMs: number,
): Promise<CriterionResult> {
  const { name, required, weight } = criterion;
  const found = await withDeadline(clock, timeoutMs, given.signal, async (signal) =>
    readEvaluation(await criterion.evaluate({ ...given, signal })),
  );
  const about = { name, required, weight };
  if (found.kind === "done") return { ...about, ...found.value };
  if (found.kind === "late") {
    return { ...about, ...unmeasured("timeout", `no verdict within ${timeoutMs} ms`) };
  }
  return { ...about, ...unmeasured("error", "it threw"), error: found.error };
}

/** Reads each property once. Only a clear yes is a pass; without a score it counts as 1 or 0. */
function readEvaluation(evaluation: unknown): Found {
  if (typeof evaluation !== "object" || evaluation === null) {
    return unmeasured("error", "it answered no verdict");
  }
  const { passed, score, label, reason, skipped } = evaluation as Record<string, unknown>;
  const why = typeof reason === "string" ? reason : "";
  if (passed === undefined) return unmeasured(skipped === true ? "skipped" : "unsure", why);
  const value = score === undefined ? Number(passed) : score;
  if (typeof passed !== "boolean" || typeof value !== "number" || !(value >= 0 && value <= 1)) {
    return unmeasured("error", "its verdict or its score is none");
  }
  const word = typeof label === "string" ? label : undefined;
  return { status: passed ? "passed" : "failed", score: value, label: word, reason: why };
}

function unmeasured(status: CriterionResult["status"], reason: string): Found {
  return { status, score: undefined, label: undefined, reason };
}
