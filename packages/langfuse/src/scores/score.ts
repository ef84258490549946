import type { EvaluationResult } from "@burnrate/core";

/** A score as Langfuse's API takes it: with a value that fits its type. */
export interface Score {
  /** Sent again, it takes the place of the first: a retry never counts twice. */
  readonly id: string;
  readonly traceId: string;
  readonly observationId?: string;
  readonly name: string;
  readonly value: number | string;
  readonly dataType: "NUMERIC" | "BOOLEAN" | "CATEGORICAL";
  readonly comment?: string;
  readonly metadata?: Record<string, unknown>;
}

/** Where in Langfuse something happened. */
export interface Place {
  readonly traceId: string;
  readonly observationId?: string;
}

/**
 * A verdict as a score: its number where the evaluator gave one, else whether it passed. Who was
 * unsure, late or failed has no number: that is said under a name of its own, never as a 0.
 */
export function toScore(subjectId: string, place: Place, result: EvaluationResult): Score {
  const { evaluator, status, score, label, required } = result;
  const common = {
    id: `${subjectId}:${evaluator}`,
    ...place,
    name: evaluator,
    ...(label !== undefined && { comment: label }),
    metadata: { status, required },
  };
  if (score !== undefined) return { ...common, value: score, dataType: "NUMERIC" };
  if (status === "passed" || status === "failed") {
    return { ...common, value: status === "passed" ? 1 : 0, dataType: "BOOLEAN" };
  }
  return { ...common, name: `${evaluator}.status`, value: status, dataType: "CATEGORICAL" };
}
