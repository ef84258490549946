import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";
import type { EvaluatorOptions, Evidence, RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineSearchRule, quoteEvidence, verdict } from "../rule.ts";
import { searchVisible } from "../text/visible.ts";

const WORD = /\S+/gu;
/** The one pattern of the list that spans two words. */
const SECOND_WORD = /penetra/iu;
/** What stands around a word may make it harmless: `van dyke`. */
const AROUND = 24;
const MAX_KNOWN = 50_000;
/** Signs that the library reads as letters (`sh!t`); at the edge of a word they are what they are. */
const EDGE_SIGNS = /[!/|(_]{1,16}(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])[!/|(_]{1,16}/gu;

/** Beginnings of ordinary words in which the list of `obscenity` 0.4 finds swear words. */
const ORDINARY =
  "analgesi analgetic annal artisanal asson assort assyria assyriolog booboo cockpit cockscomb cryptanal cumin cummerbund cumquat cumsum cum_sum dickinson dickson fukuda fukui fukuoka fukushima fukuyama fukuzawa haboob metanaly niggard overanaly pachinko pantanal penistone pussycat pussyfoot rapeseed rappel reanaly retardan semenya shiitake shiite slutsky trafficked trafficker trafficking turdus vandyke".split(
    " ",
  );

/** The same, of several words. */
const ORDINARY_PHRASES = [
  "abo blood",
  "abo group",
  "abo incompatib",
  "anal canal",
  "blue tit",
  "blue-footed booby",
  "booby prize",
  "booby trap",
  "booby-trap",
  "cum dividend",
  "cum laude",
  "cum-ex",
  "great tit",
  "moby dick",
  "moby-dick",
  "prick test",
  "pussy willow",
  "rio negro",
  "same sex",
  "same-sex",
  "sex education",
  "spastic paralysis",
  "tit for tat",
  "tit-for-tat",
];

let matcher: RegExpMatcher | undefined;
/** Salted hashes of words that the list does not know: looking a word up costs 1 µs and more. */
const clean = new Set<number>();
/** Of those that it does know, or that may be swear words with their neighbours. */
const suspect = new Set<number>();
const salt = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/**
 * Whether the output has swear words, English ones, obfuscated ones too (`obscenity`'s list).
 *
 * Sees: words. Does not see: toxicity; on a public set of toxic comments it found 31 % at a
 * precision of 91 % and a false-alarm rate of 3 %. No other languages, whose words it may take for
 * English ones (German `dick`, French `retard`); no letters with spaces between; no sign at the edge
 * of a word that stands for a letter (`(unt`). Takes the name `Dick` and words of medicine (`penis`,
 * `semen`) for swear words.
 * @throws {ConfigError} `BR9001`
 */
export function profanity(options: EvaluatorOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("profanity", options, []);
  return defineSearchRule(run, (text) => {
    const found = searchVisible(text, findProfanity);
    const reason = found.length === 0 ? "no swear words" : quoteEvidence(text, found);
    return verdict(found.length === 0, ["clean", "profane"], reason, found);
  });
}

function findProfanity(given: string): Evidence[] {
  const text = given.replace(EDGE_SIGNS, (signs) => " ".repeat(signs.length));
  matcher ??= newMatcher();
  const windows: Window[] = [];
  let searchedTo = 0;
  for (const { start, end } of suspectsIn(text, matcher)) {
    if (end <= searchedTo) continue;
    const from = Math.max(searchedTo, wordBegin(text, start - AROUND));
    searchedTo = wordEnd(text, end + AROUND);
    windows.push({ from, text: text.slice(from, searchedTo) });
  }
  return windows.length === 0 ? [] : search(windows, matcher);
}

function newMatcher(): RegExpMatcher {
  const { blacklistedTerms, whitelistedTerms = [] } = englishDataset.build();
  return new RegExpMatcher({
    blacklistedTerms,
    whitelistedTerms: [...whitelistedTerms, ...ORDINARY, ...ORDINARY_PHRASES],
    ...englishRecommendedTransformers,
  });
}

/** A part of the text that is searched, and where it begins. */
interface Window {
  readonly from: number;
  readonly text: string;
}

/** All in one search: the library takes nearly as long for a word as for a page. */
function search(windows: readonly Window[], matcher: RegExpMatcher): Evidence[] {
  const hits = matcher.getAllMatches(windows.map(({ text }) => text).join("\n"), true);
  const found: Evidence[] = [];
  let next = 0;
  let at = 0;
  for (const { from, text } of windows) {
    const end = at + text.length;
    for (let hit = hits[next]; hit !== undefined && hit.startIndex < end; hit = hits[++next]) {
      const start = from + hit.startIndex - at;
      found.push({ start, end: from + hit.endIndex - at + 1, kind: "profanity" });
    }
    at = end + 1;
  }
  return found;
}

const SPACE = /\s/u;

/** Half a word may be one that the whole is not: `assess`. */
function wordBegin(text: string, from: number): number {
  let at = Math.max(0, from);
  while (at > 0 && !SPACE.test(text.charAt(at - 1))) at--;
  return at;
}

function wordEnd(text: string, from: number): number {
  let at = Math.min(text.length, from);
  while (at < text.length && !SPACE.test(text.charAt(at))) at++;
  return at;
}

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly hash: number;
}

/** Words that are swear words by themselves, or may be with their neighbours. */
function suspectsIn(text: string, against: RegExpMatcher): Word[] {
  // Before anything is looked up, so that nothing is forgotten in the middle of a text.
  if (clean.size > MAX_KNOWN) clean.clear();
  if (suspect.size > MAX_KNOWN) suspect.clear();
  const words: Word[] = [];
  const unknown: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    const hash = hashOf(word);
    if (clean.has(hash)) continue;
    const entry = { text: word, start: match.index, end: match.index + word.length, hash };
    words.push(entry);
    if (!suspect.has(hash)) unknown.push(entry);
  }
  if (unknown.length > 0) learn(unknown, against);
  return words.filter(({ hash }) => suspect.has(hash));
}

/** Looks words up, all in one search, and remembers what they are. */
function learn(unknown: readonly Word[], against: RegExpMatcher): void {
  const hits = against.getAllMatches(unknown.map((word) => word.text).join("\n"), true);
  let at = 0;
  let next = 0;
  for (const { text, hash } of unknown) {
    const end = at + text.length;
    while ((hits[next]?.endIndex ?? Infinity) < at) next++;
    const isHit = (hits[next]?.startIndex ?? Infinity) < end;
    at = end + 1;
    (isHit || SECOND_WORD.test(text) ? suspect : clean).add(hash);
  }
}

function hashOf(word: string): number {
  let hash = salt;
  for (let at = 0; at < word.length; at++) {
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
