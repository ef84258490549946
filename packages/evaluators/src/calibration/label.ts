import { checkArray, optionError } from "@burnrate/core/adapter";
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

const MAX_LABELS = 1_000_000;

/**
 * Checks a list of labelled items, of which there must be one, and at most a million.
 * @throws {ConfigError} `BR9001`
 */
export function checkLabels(
  path: string,
  labels: unknown,
  most: number = MAX_LABELS,
): readonly LabelledItem[] {
  const items = checkArray(path, labels, most) as readonly LabelledItem[];
  if (items.length === 0) throw optionError(path, labels, "at least one label");
  for (const [at, item] of items.entries()) {
    if (typeof item?.good !== "boolean") {
      throw optionError(`${path}[${at}].good`, item?.good, "true or false");
    }
    if (item.output === undefined || item.output === null) {
      throw optionError(`${path}[${at}].output`, item.output, "what was judged");
    }
  }
  return items;
}
