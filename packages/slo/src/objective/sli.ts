import { checkString, nearest, optionError } from "@burnrate/core/adapter";
import { MEASURED } from "./threshold.ts";

/** Indicators of the guard that are good or bad by themselves. */
export const COUNTED: readonly string[] = [
  "task_success",
  "call_success",
  "tool_call_success",
  "policy_compliance",
];

/**
 * Checks the name of an indicator. One close to one of ours is a slip: who asks for it would wait
 * for events that never come.
 * @throws {ConfigError} `BR9001`
 */
export function checkSli(path: string, given: unknown): string {
  const known = [...COUNTED, ...MEASURED];
  const expected = `an indicator: ${known.join(", ")}, eval:<evaluator>, or a name of your own`;
  if (typeof given !== "string") throw optionError(path, given, expected);
  const sli = checkString(path, given);
  if (known.includes(sli) || /^eval:./.test(sli)) return sli;
  const meant = nearest(sli, known);
  if (meant === undefined && sli !== "eval:") return sli;
  throw optionError(path, given, expected, { allowed: known, nearest: meant });
}
