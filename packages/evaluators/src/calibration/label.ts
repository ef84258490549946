import type { EvaluatorInput } from "../evaluator.ts";

/** One call with a person's verdict on it. */
export interface LabelledItem
  extends Pick<EvaluatorInput, "input" | "expected" | "context" | "metadata"> {
  /** Names the item in reports (default: its number, from 1). */
  readonly id?: string;
  readonly output: unknown;
  /** Whether a person says that the output is good. */
  readonly good: boolean;
}
