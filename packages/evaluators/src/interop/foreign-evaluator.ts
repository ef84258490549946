import { inconclusive, type TextEvaluator } from "../evaluator.ts";
import { GOES_ON } from "../rule.ts";
import { toolTurn } from "../tool-calls/turns.ts";
import { withDeadline } from "../with-deadline.ts";
import { type EvaluationBag, toBag } from "./bag.ts";
import {
  checkForeignOptions,
  type ForeignOptions,
  type KnownEvaluator,
} from "./foreign-options.ts";
import { judgeResults } from "./judge-results.ts";
import { readResults } from "./read-results.ts";

/**
 * Makes an evaluator of one from another library. What it throws is thrown on, for a guard to
 * record as an error; what takes longer than `timeoutMs` is inconclusive, wherever it is called
 * from.
 * @throws {ConfigError} `BR9001`
 */
export function foreignEvaluator(
  factory: string,
  options: ForeignOptions,
  known: KnownEvaluator,
  call: (bag: EvaluationBag) => unknown,
): TextEvaluator {
  const checked = checkForeignOptions(factory, options, known);
  const { run, clock, requires, values } = checked;
  return {
    ...run,
    async evaluate(given) {
      if (given.partial === true) return inconclusive(GOES_ON); // it knows nothing of streams
      const read = toBag(given, requires, values);
      if (read.kind === "none") return toolTurn(given) ?? inconclusive(read.reason);
      const ended = await withDeadline(clock, run.timeoutMs, given.signal, () => call(read.bag));
      if (ended.kind === "threw") throw ended.error;
      if (ended.kind === "late") return inconclusive(`no verdict within ${run.timeoutMs} ms`);
      return judgeResults(readResults(ended.value), checked);
    },
  };
}

/** The name of a function, unless it is a wrapper's inner one. */
export function nameOf(evaluator: { readonly name: string }): string | undefined {
  return evaluator.name === "" || /^_|^wrapped/u.test(evaluator.name) ? undefined : evaluator.name;
}
