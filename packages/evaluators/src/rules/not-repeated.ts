import type { EvaluatorOptions, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { eachGram } from "../text/each-gram.ts";
import { fold } from "../text/fold.ts";

/** Options of {@link notRepeated}. */
export interface NotRepeatedOptions extends EvaluatorOptions {
  /** Least share of the text that must not have been said before (default 0.7). */
  readonly threshold?: number;
}

/** Long enough that ordinary phrases do not come twice. */
const PASSAGE = 40;

/**
 * Whether the output goes on saying the same: the share of it that is in no passage of 40
 * characters that came before.
 *
 * Sees: a model in a loop, sentences said twice. Does not see: the same thing in other words;
 * tables and code repeat themselves rightly; what is said again in fewer than 40 characters.
 * @throws {ConfigError} `BR9001`
 */
export function notRepeated(options: NotRepeatedOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("notRepeated", options, ["threshold"]);
  const threshold = checkThreshold("notRepeated", options.threshold ?? 0.7);
  return defineTextRule(run, (text) => {
    const share = distinctShare(text);
    const passed = share >= threshold;
    const reason = `${Math.round((1 - share) * 100)} % was said before`;
    return scored(share, passed, passed ? "varied" : "repeated", reason);
  });
}

/**
 * The share of the text outside of passages that came before. Hashes of all passages are kept in
 * one table, so that it is exact for a text of any length but for hashes that meet by chance.
 */
function distinctShare(text: string): number {
  const folded = fold(text);
  const count = folded.length - PASSAGE + 1;
  if (count < 2) return 1; // too short to repeat itself
  let slots = 256;
  while (slots < count * 2) slots *= 2;
  const table = new Uint32Array(slots);
  let repeated = 0;
  let coveredTo = 0;
  eachGram(folded, PASSAGE, (hash, at) => {
    if (!wasSeen(table, hash + 1)) return;
    repeated += at + PASSAGE - Math.max(at, coveredTo);
    coveredTo = at + PASSAGE;
  });
  return 1 - repeated / folded.length;
}

const MAX_TURNS = 32;

/** Enters a hash other than 0. The search is cut, so that no text can make it slow. */
function wasSeen(table: Uint32Array, hash: number): boolean {
  const mask = table.length - 1;
  for (let turn = 0, slot = hash & mask; turn < MAX_TURNS; turn++, slot = (slot + 1) & mask) {
    const held = table[slot];
    if (held === hash) return true;
    if (held !== 0) continue;
    table[slot] = hash;
    return false;
  }
  return false;
}
