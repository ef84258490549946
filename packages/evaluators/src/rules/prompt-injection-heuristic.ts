import type { EvaluatorOptions, Evidence, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineSearchRule, verdict } from "../rule.ts";
import { plainSigns } from "../text/plain-signs.ts";
import { searchVisible } from "../text/visible.ts";

type Signs = readonly (readonly [kind: string, pattern: RegExp])[];

/** What a reader does not see. */
const HIDDEN_SIGNS: Signs = [
  // Tags after a black flag are the flags of England, Scotland and Wales.
  ["hidden letters", /(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,8})[\u{e0001}\u{e0020}-\u{e007f}]/gu],
  ["text direction", /[\u202d\u202e]/gu], // overrides; Arabic and Hebrew need the others
  ["invisible run", /[\u200b-\u200d\u2060\ufeff]{4,64}/gu],
];
/** To keep it is good advice: "never tell anyone your PIN". */
const OWN_SECRET = String.raw`your\s{1,4}(?:[\w-]{1,12}\s{1,4}){0,2}(?:pins?|pass(?:word|code|phrase)s?|codes?|credentials|keys?|numbers?|phrase|cvv|e-?mail|address)\b`;

/** What a reader sees. Every repetition is bounded, so that no text makes it slow. */
const SIGNS: Signs = [
  [
    "role marker",
    /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|instructions?|important)>/giu,
  ],
  ["role marker", /^#{1,4} ?(?:system(?: prompt)?|instructions?) ?: *$/gimu],
  [
    "override",
    /(?<!(?:\bnot|\bnever|n['’]t)\s{1,4})\b(?:ignore|disregard|forget|override|bypass)\s{1,4}(?:\w{1,12}\s{1,4}){0,2}(?:previous|prior|above|earlier|preceding|all|any|your|system|safety|original|existing)\s{1,4}(?:\w{1,12}\s{1,4}){0,3}(?:instructions?|prompts?|rules|guidelines|directions|context|guardrails)\b/giu,
  ],
  [
    "override",
    /\b(?:ignore|disregard|forget)\s{1,4}(?:(?:all|everything)\s{1,4})?(?:the\s{1,4})?(?:(?:instructions?|text|rules)\s{1,4})?(?:above|before|you\s{1,4}(?:were|have\s{1,4}been)\s{1,4}told)\b|\b(?:do\s{1,4}not|don['’]t|stop)\s{1,4}follow(?:ing)?\s{1,4}(?:\w{1,12}\s{1,4}){0,2}(?:previous|prior|earlier|original|system)\s{1,4}(?:instructions?|prompts?|rules)\b/giu,
  ],
  [
    "new role",
    /\b(?:you\s{1,4}are\s{1,4}now|from\s{1,4}now\s{1,4}on,?\s{1,4}you\s{1,4}are)\s{1,4}(?:\w{1,12}\s{1,4}){0,3}(?:ai|assistant|agent|model|chatbot|mode|dan|unrestricted|jailbroken)\b|\bnew\s{1,4}(?:system\s{1,4})?instructions?\s{0,4}:/giu,
  ],
  [
    "secrecy",
    new RegExp(
      String.raw`\b(?:do not|don['’]t|never|without)\s{1,4}(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|notify(?:ing)?|alert(?:ing)?|reveal(?:ing)?)\s{1,4}(?:(?:\w{1,12}\s{1,4}){0,3}(?:user|human|operator)|(?!${OWN_SECRET})(?:\w{1,12}\s{1,4}){0,3}anyone\b(?!(?:\s{1,4}else)?\s{1,4}${OWN_SECRET}))\b`,
      "giu",
    ),
  ],
  [
    "prompt theft",
    /\b(?:reveal|print|output|repeat|send|show)\s{1,4}(?:\w{1,12}\s{1,4}){0,3}system\s{1,4}prompt\b/giu,
  ],
  ["exfiltration", /!\[[^\]\n]{0,200}\]\(https?:\/\/[^\s)?]{1,500}\?[^\s)]{1,500}\)/giu],
  ["encoded text", /(?<![A-Za-z\d+/=]|;base64,)[A-Za-z\d+/]{200}/gu],
];

/**
 * Whether a text bears signs of prompt injection: hidden letters, role markers, "ignore previous
 * instructions", orders to keep something from the user, images that carry data away. For what
 * tools and documents bring in; by default it looks at tool results.
 *
 * Sees: the clumsy kind, in English, also with zero-width signs in its words or in wide letters.
 * Does not see: a plain sentence that asks for harm, other languages, anything written against this
 * list. Texts about injection are flagged when they quote it, and so is an image whose address has
 * a query. A signal and no protection: let policy decide what a tool may do.
 * @throws {ConfigError} `BR9001`
 */
export function promptInjectionHeuristic(options: EvaluatorOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("promptInjectionHeuristic", { on: "tool", ...options }, []);
  return defineSearchRule(run, (text) => {
    const seen = searchVisible(plainSigns(text), (visible) => placesOf(visible, SIGNS));
    const found = [...placesOf(text, HIDDEN_SIGNS), ...seen];
    const kinds = [...new Set(found.map(({ kind }) => kind))];
    const reason = found.length === 0 ? "no known sign" : kinds.join(", ");
    return verdict(found.length === 0, ["no-signs", "signs"], reason, found);
  });
}

function placesOf(text: string, signs: Signs): Evidence[] {
  return signs.flatMap(([kind, pattern]) => placesOfOne(text, kind, pattern));
}

function placesOfOne(text: string, kind: string, pattern: RegExp): Evidence[] {
  const found: Evidence[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push({ start: match.index, end: match.index + match[0].length, kind });
    if (found.length === 20) break;
  }
  return found;
}
