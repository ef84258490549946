import type { EvaluatorOptions, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { eachGram } from "../text/each-gram.ts";
import { type Folded, fold } from "../text/fold.ts";

/** Options of {@link notRepeated}. */
export interface NotRepeatedOptions extends EvaluatorOptions {
  /**
   * Least share of the text that must not have been said before (default 0.7; at most 0.4 of a text
   * with less than 120 characters).
   */
  readonly threshold?: number;
}

/** Long enough that ordinary phrases do not come twice. */
const PASSAGE = 40;
/** A shorter text may say one thing twice, as an address and its link, or two rows of a list. */
const SHORT = 120;
const SHORT_THRESHOLD = 0.4; // said twice it is a half, three times a third

/**
 * Whether the output goes on saying the same: the share of it that is in no passage of 40
 * characters that came before.
 *
 * Sees: a model in a loop, sentences said twice. Does not see: the same thing in other words;
 * tables and code repeat themselves rightly; what is said again in fewer than 40 characters, or a
 * second time in a text of less than 120, where less than 0.4 must be left to fail.
 * @throws {ConfigError} `BR9001`
 */
export function notRepeated(options: NotRepeatedOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("notRepeated", options, ["threshold"]);
  const threshold = checkThreshold("notRepeated", options.threshold ?? 0.7);
  return defineTextRule(run, (text) => {
    const folded = fold(text);
    const share = distinctShare(folded);
    const isShort = folded.length < SHORT;
    const passed = share >= (isShort ? Math.min(threshold, SHORT_THRESHOLD) : threshold);
    const reason = `${Math.round((1 - share) * 100)} % was said before`;
    return scored(share, passed, passed ? "varied" : "repeated", reason);
  });
}

/**
 * The share of the text outside of passages that came before. Hashes of all passages are kept in
 * one table, so that it is exact for a text of any length but for hashes that meet by chance.
 */
function distinctShare(folded: Folded): number {
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
