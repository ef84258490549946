/** What an evaluator says; nothing of it is certain to be there. */
export interface Judgement {
  readonly passed?: boolean | undefined;
  readonly score?: number | undefined;
  readonly label?: string | undefined;
  readonly reason?: string | undefined;
}

/** An evaluation as Langfuse's experiments take it. */
export interface LangfuseEvaluation {
  readonly name: string;
  readonly value: number | string;
  readonly dataType?: "NUMERIC" | "BOOLEAN" | "CATEGORICAL";
  readonly comment?: string;
  readonly metadata?: unknown;
}

/** An evaluator as Langfuse's experiments take it. */
export type LangfuseEvaluator = (params: {
  readonly input: unknown;
  readonly output: unknown;
  readonly expectedOutput?: unknown;
  readonly metadata?: Record<string, unknown>;
}) => Promise<LangfuseEvaluation | LangfuseEvaluation[]>;
