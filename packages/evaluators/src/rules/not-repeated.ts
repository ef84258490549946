import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { eachGram } from "../text/each-gram.ts";
import { fold } from "../text/fold.ts";

/** Options of {@link notRepeated}. */
export interface NotRepeatedOptions extends EvaluatorOptions {
  /** Least share of distinct passages that passes (default 0.7). */
  readonly threshold?: number;
}

/** Long enough that ordinary phrases do not come twice. */
const PASSAGE = 40;

/**
 * Whether the output goes on saying the same: the share of its passages of 40 characters that do
 * not come again after themselves.
 *
 * Sees: a model in a loop, sentences said twice. Does not see: the same thing in other words; tables
 * and code repeat themselves rightly. Under 120 characters it is inconclusive.
 * @throws {ConfigError} `BR9001`
 */
export function notRepeated(options: NotRepeatedOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("notRepeated", options, ["threshold"]);
  const threshold = checkThreshold("notRepeated", options.threshold ?? 0.7);
  return defineTextRule(run, (text) => {
    const share = distinctShare(text);
    if (share === undefined) return inconclusive("too short to repeat itself");
    const passed = share >= threshold;
    const reason = `${Math.round((1 - share) * 100)} % was said before`;
    return scored(share, passed, passed ? "varied" : "repeated", reason);
  });
}

/** As many passages are compared as make the share exact to a few per cent. */
const COMPARED = 512;

/**
 * Compares rolling hashes of the passages: of a long text those whose hash divides by some number,
 * which are the same ones wherever a passage comes again.
 * @see https://doi.org/10.1145/872757.872770 sampling of fingerprints
 */
function distinctShare(text: string): number | undefined {
  const folded = fold(text);
  const count = folded.length - PASSAGE + 1;
  if (count < PASSAGE * 2) return undefined;
  const every = Math.ceil(count / COMPARED);
  const seen = new Set<number>();
  let compared = 0;
  eachGram(folded, PASSAGE, (hash) => {
    if (hash % every !== 0) return;
    compared++;
    seen.add(hash);
  });
  return compared === 0 ? 1 : seen.size / compared;
}
