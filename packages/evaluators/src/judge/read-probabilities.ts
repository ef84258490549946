import { isRecord } from "../shape.ts";
import { JudgeError } from "./judge-error.ts";

/**
 * Reads probabilities of the labels, which come with the best first; a number is the better one's
 * of two. They may leave some chance to other words, never more than 1 to these.
 * @throws {JudgeError} `unreadable` for a label that the scale does not have, for what is no
 * probability, and for nothing at all.
 */
export function readProbabilities(
  given: unknown,
  labels: readonly string[],
): ReadonlyMap<string, number> | undefined {
  if (given === undefined) return undefined;
  const entries =
    typeof given === "number" ? ofTwo(given, labels) : Object.entries(isRecord(given) ? given : {});
  let total = 0;
  const read = new Map<string, number>();
  for (const [label, probability] of entries) {
    if (typeof probability !== "number" || !(probability >= 0) || !labels.includes(label)) {
      throw unreadable();
    }
    total += probability;
    read.set(label, probability);
  }
  if (!(total > 0 && total <= 1.001)) throw unreadable(); // sums of logarithms are not exact
  return read;
}

function ofTwo(probability: number, labels: readonly string[]): [string, unknown][] {
  const [best, worst, third] = labels;
  if (best === undefined || worst === undefined || third !== undefined) throw unreadable();
  return [
    [best, probability],
    [worst, 1 - probability],
  ];
}

function unreadable(): JudgeError {
  return new JudgeError(
    "unreadable",
    "the judge answered probabilities that are none of the scale",
  );
}
