import { LANGUAGE_SCRIPTS, LANGUAGE_WORDS } from "./language-words.ts";

const SAMPLE = 2_000;
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
}

/**
 * Guesses by script, else by counting function words in the first 2,000 characters. Undefined when
 * there are fewer than `minimum` of them to tell by.
 */
export function guessLanguage(text: string, minimum: number): LanguageGuess | undefined {
  const sample = text.slice(0, SAMPLE);
  const script = BEYOND_LATIN.test(sample) ? byScript(sample) : undefined;
  if (script !== undefined) return { language: script, lead: 1 };
  const counts = new Map<string, number>();
  let hits = 0;
  for (const [word] of sample.toLowerCase().matchAll(WORD)) {
    const languages = languagesOf.get(word);
    if (languages === undefined) continue;
    hits++;
    for (const name of languages) counts.set(name, (counts.get(name) ?? 0) + 1 / languages.length);
  }
  if (hits < minimum) return undefined;
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  if (first === undefined) return undefined;
  return { language: first[0], lead: 1 - (second?.[1] ?? 0) / first[1] };
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
  return found?.[0];
}
