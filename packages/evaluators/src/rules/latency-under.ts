import { checkWholeNumber } from "@burnrate/core/adapter";
import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineRule, verdict } from "../rule.ts";
import { read } from "../shape.ts";

/** Options of {@link latencyUnder}. */
export interface LatencyUnderOptions extends EvaluatorOptions {
  /** Longest time from dispatch to the end that passes, in milliseconds. */
  readonly limitMs: number;
}

/**
 * Whether the call took no longer than allowed, by its record or `metadata.latencyMs`.
 *
 * Sees: this process's clock. Does not see: what the user waited before the call.
 * @throws {ConfigError} `BR9001`
 */
export function latencyUnder(options: LatencyUnderOptions): RuleEvaluator {
  const run = checkRuleOptions("latencyUnder", options, ["limitMs"]);
  const limitMs = checkWholeNumber("latencyUnder().limitMs", options.limitMs, { min: 1 });
  return defineRule(run, (given) => {
    const latencyMs = read(given.metadata, "latencyMs") ?? given.record?.latencyMs;
    if (!isAmount(latencyMs)) return inconclusive("no latency");
    const reason = `${Math.round(latencyMs)} ms, at most ${limitMs} ms allowed`;
    return verdict(latencyMs <= limitMs, ["in-time", "late"], reason);
  });
}

/** A measured amount: finite and not below 0. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
