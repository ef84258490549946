import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, scored } from "../rule.ts";
import { checkThreshold } from "../rule-options.ts";
import { fold } from "../text/fold.ts";
import { readQuestion } from "../text/messages.ts";
import { novelWords } from "../text/novel-words.ts";

/** Options of {@link answerRelevance}. */
export interface AnswerRelevanceOptions extends EvaluatorOptions {
  /** Least share of the question's n-grams that the answer repeats (default 0.1). */
  readonly threshold?: number;
}

/** `Paris`, `42.`, `Ja`, `巴黎。`: too short to share anything with a question that it answers. */
const ONE_WORD =
  /^(?:[^\s\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]{1,20}|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{P}]{1,5})$/u;

/**
 * How much of the last question's wording the answer takes up: the share of the question's
 * character 5-grams that stand in the answer.
 *
 * Sees: an answer about something else altogether, when answers are sentences. Does not see:
 * whether the question is answered; a single word that shares nothing with the question (`Paris`)
 * is inconclusive, and a right answer of a few words may fail. For chat, use a judge.
 * @throws {ConfigError} `BR9001`
 */
export function answerRelevance(options: AnswerRelevanceOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("answerRelevance", options, ["threshold"]);
  const threshold = checkThreshold("answerRelevance", options.threshold ?? 0.1);
  return defineTextRule(run, (text, given) => {
    const question = readQuestion(given.input);
    if (question.kind === "none") return inconclusive(question.reason);
    const novel = novelWords(question.text, fold(question.text), fold(text));
    if (novel === undefined) return inconclusive("the question has no words");
    if (novel.share === 1 && ONE_WORD.test(text.trim())) {
      return inconclusive("a single word, which may be the answer");
    }
    const score = 1 - novel.share;
    const passed = score >= threshold;
    const reason = `${Math.round(score * 100)} % of the question's wording is in the output`;
    return scored(score, passed, passed ? "related" : "unrelated", reason);
  });
}
