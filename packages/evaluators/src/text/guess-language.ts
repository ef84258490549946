import {
  LANGUAGE_LETTERS,
  LANGUAGE_SCRIPTS,
  LANGUAGE_WORDS,
  NOT_ARABIC,
} from "./language-words.ts";

const SAMPLE = 2_000;
/** Of the words of an ordinary text a fifth to a half are function words. */
const MIN_SHARE = 0.1;
const LETTER = /\p{L}/gu;
const BEYOND_LATIN = /[^\p{sc=Latin}\p{sc=Cyrillic}\P{L}]/u;
const WORD = /[\p{L}\p{M}]+/gu;
const languagesOf = new Map<string, string[]>();
for (const [language, words] of Object.entries(LANGUAGE_WORDS)) {
  for (const word of words.split(" ")) {
    languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);
  }
}

/** A guess and how far ahead of the next it is. */
export interface LanguageGuess {
  readonly language: string;
  /** 0 (as likely as the next) to 1 (no other has a trace). */
  readonly lead: number;
  /** Few Chinese signs and no word of Chinese: Japanese of nouns alone, as an address, is as likely. */
  readonly orJapanese?: boolean;
}

/**
 * Guesses by script, else by counting function words in the first 2,000 characters. Undefined when
 * there are fewer than `minimum` of them to tell by.
 */
export function guessLanguage(text: string, minimum: number): LanguageGuess | undefined {
  const sample = text.slice(0, SAMPLE).normalize("NFC");
  const script = BEYOND_LATIN.test(sample) ? byScript(sample) : undefined;
  if (script === "zh") return { language: "zh", lead: 1, orJapanese: isMaybeJapanese(sample) };
  if (script !== undefined) return { language: script, lead: 1 };
  const [first, second] = byWords(sample, minimum);
  if (first === undefined || isForeign(sample, first.language)) return undefined;
  return { language: first.language, lead: 1 - (second?.weight ?? 0) / first.weight };
}

interface Candidate {
  readonly language: string;
  /** Function words; one that several languages have counts as a part for each. */
  weight: number;
  hits: number;
}

/** Languages by their function words, the likeliest first; none when that one has hardly any. */
function byWords(sample: string, minimum: number): Candidate[] {
  const found = new Map<string, Candidate>();
  let words = 0;
  let hits = 0;
  for (const [word] of sample.toLowerCase().matchAll(WORD)) {
    words++;
    const languages = languagesOf.get(word) ?? [];
    if (languages.length > 0) hits++;
    for (const language of languages) {
      const candidate = found.get(language) ?? { language, weight: 0, hits: 0 };
      candidate.weight += 1 / languages.length;
      candidate.hits++;
      found.set(language, candidate);
    }
  }
  const ranked = [...found.values()].sort((a, b) => b.weight - a.weight);
  const isKnown = hits >= minimum && (ranked[0]?.hits ?? 0) >= words * MIN_SHARE;
  return isKnown ? ranked : [];
}

/** Beyond ASCII, in small letters. */
const RARE_LETTER = /[^\P{L}a-zA-Z]/gu;
/** More than the odd name from elsewhere. */
const MAX_FOREIGN = 0.01;

/** Whether too many letters are none of the language's. */
function isForeign(sample: string, language: string): boolean {
  const letters = LANGUAGE_LETTERS[language];
  const rare = letters === undefined ? null : sample.toLowerCase().match(RARE_LETTER);
  if (letters === undefined || rare === null) return false;
  const foreign = rare.filter((letter) => !letters.includes(letter)).length;
  return foreign > (sample.match(LETTER)?.length ?? 0) * MAX_FOREIGN;
}

/** Fewer Chinese signs than this may be a Japanese name. */
const MIN_CHINESE = 8;

/** More than a bill or an address has of them. */
const SURELY_CHINESE = 40;
/** Words of Chinese, and signs with a simplified half: `订`, `须`, `货`, `给`. */
const CHINESE_ONLY =
  /[这這们們吗嗎呢吧您你她它没沒还為为對么麼個从讓\u7ea0-\u7f35\u8ba0-\u8c36\u8d1d-\u8d63\u8f66-\u8f9a\u9485-\u9576\u95e8-\u961b\u9875-\u98a7]/u;

function isMaybeJapanese(sample: string): boolean {
  const signs = sample.match(LETTER)?.length ?? 0;
  return signs < SURELY_CHINESE && !CHINESE_ONLY.test(sample);
}

/** Japanese before Chinese: it has Chinese signs, too. */
function byScript(sample: string): string | undefined {
  const letters = sample.match(LETTER)?.length ?? 0;
  if (letters === 0) return undefined;
  const isJapanese = (sample.match(LANGUAGE_SCRIPTS["ja"] as RegExp)?.length ?? 0) > letters / 10;
  if (isJapanese) return "ja";
  const found = Object.entries(LANGUAGE_SCRIPTS).find(
    ([, script]) => (sample.match(script)?.length ?? 0) > letters / 2,
  );
  const [language, script] = found ?? [];
  if (language === "ar" && NOT_ARABIC.test(sample)) return undefined;
  const isShort = (count: number): boolean => language === "zh" && count < MIN_CHINESE;
  return script === undefined || isShort(letters) ? undefined : language;
}
