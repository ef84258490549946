import { optionError } from "@burnrate/core/adapter";
import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineRule, verdict } from "../rule.ts";
import { read } from "../shape.ts";
import { isAmount } from "./latency-under.ts";

/** Options of {@link costUnder}. */
export interface CostUnderOptions extends EvaluatorOptions {
  /** Most that a call may cost, in US dollars. */
  readonly limitUsd: number;
}

const NANO = 1e9;

/**
 * Whether the call cost no more than allowed, by its record or `metadata.costUsd`. A call whose
 * price is not known is inconclusive, never free.
 *
 * Sees: one call. Budgets bound what many cost.
 * @throws {ConfigError} `BR9001`
 */
export function costUnder(options: CostUnderOptions): RuleEvaluator {
  const run = checkRuleOptions("costUnder", options, ["limitUsd"]);
  const { limitUsd } = options;
  if (!isAmount(limitUsd)) throw optionError("costUnder().limitUsd", limitUsd, "dollars from 0");
  return defineRule(run, (given) => {
    const usd = read(given.metadata, "costUsd");
    const nanoUsd = usd === undefined ? given.record?.costNanoUsd : toNano(usd);
    if (!isAmount(nanoUsd)) return inconclusive("no known cost");
    const reason = `$${nanoUsd / NANO}, at most $${limitUsd} allowed`;
    return verdict(nanoUsd <= Math.round(limitUsd * NANO), ["in-budget", "dear"], reason);
  });
}

function toNano(usd: unknown): number | undefined {
  return isAmount(usd) ? Math.round(usd * NANO) : undefined;
}
