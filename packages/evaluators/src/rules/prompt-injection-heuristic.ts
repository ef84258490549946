import type { EvaluatorOptions, Evidence, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, verdict } from "../rule.ts";

/** Every repetition is bounded, so that no text makes it slow. */
const SIGNS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["hidden letters", /[\u{e0001}\u{e0020}-\u{e007f}]/gu],
  ["text direction", /[\u202a-\u202e\u2066-\u2069]/gu],
  ["invisible run", /[\u200b-\u200d\u2060\ufeff]{4,64}/gu],
  [
    "role marker",
    /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|instructions?|important)>/giu,
  ],
  ["role marker", /^#{1,4} ?(?:system|instructions?)(?: prompt)?:? *$/gimu],
  [
    "override",
    /\b(?:ignore|disregard|forget|override|bypass)\s{1,4}(?:\w{1,12}\s{1,4}){0,4}(?:instructions?|prompts?|rules|guidelines|directions|context|guardrails)\b/giu,
  ],
  [
    "new role",
    /\byou\s{1,4}are\s{1,4}now\s{1,4}(?:a|an|in|the)\b|\bnew\s{1,4}(?:system\s{1,4})?instructions?\s{0,4}:/giu,
  ],
  [
    "secrecy",
    /\b(?:do not|don['’]t|never|without)\s{1,4}(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|notify(?:ing)?|alert(?:ing)?|reveal(?:ing)?)\s{1,4}(?:\w{1,12}\s{1,4}){0,3}(?:user|human|anyone|operator)\b/giu,
  ],
  [
    "prompt theft",
    /\b(?:reveal|print|output|repeat|send|show)\s{1,4}(?:\w{1,12}\s{1,4}){0,3}system\s{1,4}prompt\b/giu,
  ],
  ["exfiltration", /!\[[^\]\n]{0,200}\]\(https?:\/\/[^\s)]{1,500}\?[^\s)]{1,500}\)/giu],
  ["encoded text", /(?<![A-Za-z\d+/=])[A-Za-z\d+/]{200}/gu],
];

/**
 * Whether a text bears signs of prompt injection: hidden letters, role markers, "ignore previous
 * instructions", orders to keep something from the user, images that carry data away. For what
 * tools and documents bring in; by default it looks at tool results.
 *
 * Sees: the clumsy kind, in English. Does not see: a plain sentence that asks for harm, other
 * languages, anything written against this list. A signal and no protection: let policy decide what
 * a tool may do.
 * @throws {ConfigError} `BR9001`
 */
export function promptInjectionHeuristic(options: EvaluatorOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("promptInjectionHeuristic", { on: "tool", ...options }, []);
  return defineTextRule(run, (text) => {
    const found = SIGNS.flatMap(([kind, pattern]) => placesOf(text, kind, pattern));
    const kinds = [...new Set(found.map(({ kind }) => kind))];
    const reason = found.length === 0 ? "no known sign" : kinds.join(", ");
    return verdict(found.length === 0, ["no-signs", "signs"], reason, found);
  });
}

function placesOf(text: string, kind: string, pattern: RegExp): Evidence[] {
  const found: Evidence[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push({ start: match.index, end: match.index + match[0].length, kind });
    if (found.length === 20) break;
  }
  return found;
}
