import { checkOneOf } from "@burnrate/core/adapter";
import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, verdict } from "../rule.ts";
import { guessLanguage } from "../text/guess-language.ts";
import { LANGUAGE_SCRIPTS, LANGUAGE_WORDS } from "../text/language-words.ts";
import { withoutCode } from "../text/without-code.ts";

/** Options of {@link languageIs}. */
export interface LanguageIsOptions extends EvaluatorOptions {
  /** ISO 639-1 code of the language wanted, such as `en`. */
  readonly language: string;
}

const LANGUAGES = [...Object.keys(LANGUAGE_WORDS), ...Object.keys(LANGUAGE_SCRIPTS)];
/** Fewer function words than this tell nothing. */
const MIN_HITS = 3;
const MIN_LEAD = 0.1;
/** Web addresses have words of any language; what follows without a space may be the sentence. */
const ADDRESS = /(?:https?:\/\/|www\.)[!-~]{1,2000}/giu;

/**
 * Whether the output is in a language: by its letters, else by its function words.
 *
 * Sees: 26 languages in texts of a few sentences; code in backquotes and web addresses are left
 * out. Does not see: short texts and close relatives (Danish and Norwegian), which are
 * inconclusive; relatives that are not on the list (Malay, Afrikaans, Marathi), which count as
 * their neighbours; mixed texts count as what most of their first 2,000 characters are.
 * @throws {ConfigError} `BR9001`
 */
export function languageIs(options: LanguageIsOptions): RuleEvaluator {
  const run = checkRuleOptions("languageIs", options, ["language"]);
  const wanted = checkOneOf("languageIs().language", options.language, LANGUAGES);
  return defineTextRule(run, (text) => {
    const words = withoutCode(text).replace(ADDRESS, " ").replace(/ {2,}/g, " ");
    const guess = guessLanguage(words, MIN_HITS);
    if (guess === undefined) return inconclusive("too few words to tell the language by");
    const isEither = wanted === "ja" && guess.orJapanese === true;
    if (isEither || guess.lead < MIN_LEAD) return inconclusive("two languages are as likely");
    const reason = `looks like ${guess.language}, ${wanted} wanted`;
    return verdict(guess.language === wanted, ["as-wanted", "other-language"], reason);
  });
}
