import {
  type EvaluatorOptions,
  type Evidence,
  inconclusive,
  type RuleEvaluator,
} from "../evaluator.ts";
import { outside } from "../facts/digit-rows.ts";
import { namesIn, wordHashes } from "../facts/entities.ts";
import type { Fact } from "../facts/fact.ts";
import { missingNumbers } from "../facts/missing-numbers.ts";
import { numbersIn } from "../facts/numbers.ts";
import { foldQuote, quotesIn } from "../facts/quotes.ts";
import { checkRuleOptions, defineTextRule, quoteEvidence, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { withoutMarks } from "../text/citations.ts";
import { findParts } from "../text/find-parts.ts";
import { type Folded, fold } from "../text/fold.ts";
import { novelWords } from "../text/novel-words.ts";
import { readContext } from "../text/read-context.ts";

/** Options of {@link groundednessLexical}. */
export interface GroundednessLexicalOptions extends EvaluatorOptions {
  /** Least score that passes (default 0.5). Fit it on labels of your own with `calibrate`. */
  readonly threshold?: number;
}

/**
 * How far the answer's words are those of the context: novelty of character n-grams, and numbers,
 * dates, names and quotations that the context has not.
 *
 * Sees: what is made up in new words. Does not see: what is wrong in the context's own words (who
 * did what to whom, negation), nor that a paraphrase is right, or that an answer claims nothing (`I
 * could not find that`); in German each noun is a name, by its capital. A router to a judge, not a
 * verdict: a threshold from other data is hardly better than chance on hard sets, so calibrate it.
 * README has the measured errors.
 *
 * The score is a product, so each kind of finding counts however the others look: the share of
 * n-grams that stand together in one passage for each sentence, times one less half the share of
 * each kind of fact that is missing. The halves say "as likely as not"; they were not fitted to any
 * data.
 * @example
 * groundednessLexical().evaluate({ output: "It fell 47 %.", context: "It fell by 12 %." });
 * // { passed: false, score: 0.31, label: "unsupported", reason: "…: number \"47\"", evidence: […] }
 * @throws {ConfigError} `BR9001`
 */
export function groundednessLexical(options: GroundednessLexicalOptions = {}): RuleEvaluator {
  const run = { ...checkRuleOptions("groundednessLexical", options, ["threshold"]), sources: true };
  const threshold = checkThreshold("groundednessLexical", options.threshold ?? 0.5);
  return defineTextRule(run, (output, given) => {
    const text = withoutMarks(output, given);
    const context = readContext(given);
    if (context.kind === "none") return inconclusive(context.reason);
    const folded = { answer: fold(text), context: fold(context.text) };
    const novel = novelWords(text, folded.answer, folded.context);
    if (novel === undefined) return inconclusive("the output has no words");
    const known = wordHashes(folded.context);
    const facts = missingOf(text, context.text, folded.answer, known);
    const score = facts.factors.reduce((product, share) => product * (1 - share / 2), 1);
    const evidence = [...facts.missing, ...outside(novel.evidence(known), facts.supported)];
    return conclude(output, score * (1 - novel.share), threshold, evidence);
  });
}

function conclude(text: string, score: number, threshold: number, evidence: readonly Evidence[]) {
  const passed = score >= threshold;
  const why = evidence.length === 0 ? "nothing" : quoteEvidence(text, evidence);
  const places = evidence.map(({ start, end, kind }) => ({ start, end, kind }));
  const reason = `not in the context: ${why}`;
  return scored(score, passed, passed ? "supported" : "unsupported", reason, places);
}

interface Missing {
  readonly missing: readonly Fact[];
  /** Numbers and days that the context has, if in another form: none of their words is made up. */
  readonly supported: readonly Fact[];
  /** For each kind of fact that the answer has, the share that is missing. */
  readonly factors: readonly number[];
}

function missingOf(
  answer: string,
  context: string,
  folded: Folded,
  known: ReadonlySet<number>,
): Missing {
  const numbers = numbersIn(answer);
  const days = numbers.filter(({ kind }) => kind === "date");
  const names = outside(namesIn(answer, folded), days); // `March` is a part of its day
  const quotes = quotesIn(answer);
  const absent = new Set(missingNumbers(numbers, answer, context));
  const lost: (readonly [readonly Fact[], readonly Fact[]])[] = [];
  if (numbers.length > 0) lost.push([numbers, [...absent]]);
  if (names.length > 0) {
    lost.push([names, names.filter(({ hash }) => !known.has(hash))]);
  }
  if (quotes.length > 0) {
    const said = findParts(
      foldQuote(context),
      quotes.map(({ key }) => key),
    );
    lost.push([quotes, quotes.filter(({ key }) => !said.has(key))]);
  }
  return {
    missing: lost.flatMap(([, missing]) => missing),
    supported: numbers.filter((fact) => !absent.has(fact)),
    factors: lost.map(([all, missing]) => missing.length / all.length),
  };
}
