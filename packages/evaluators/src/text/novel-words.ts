import type { Evidence } from "../evaluator.ts";
import type { Folded } from "./fold.ts";
import { passageCover } from "./passage-cover.ts";
import { hashWord } from "./words-of.ts";

const GRAM = 5;
/** In scripts without spaces two signs are a word. */
const GRAM_WITHOUT_SPACES = 2;
const WITHOUT_SPACES =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/gu;
const SPACE = 32;

/** How much of an answer is in words that the context has not. */
export interface NovelWords {
  /** Share of the answer's n-grams that the best passage for their sentence has not, 0 to 1. */
  readonly share: number;
  /**
   * Runs of novel words. One that is shorter than an n-gram is novel when it is none of `known`, the
   * hashes of the context's words: its n-grams are about its neighbours.
   */
  evidence(known: ReadonlySet<number>): readonly Evidence[];
}

/** Compares character 5-grams (2-grams in scripts without spaces), which absorb inflection. */
export function novelWords(
  answer: string,
  folded: Folded,
  context: Folded,
): NovelWords | undefined {
  if (folded.length < 3) return undefined;
  const unspaced = answer.slice(0, 2_000).match(WITHOUT_SPACES)?.length ?? 0;
  const wanted = unspaced * 2 > Math.min(2_000, folded.length) ? GRAM_WITHOUT_SPACES : GRAM;
  const size = Math.min(wanted, folded.length);
  const { share, novel } = passageCover(answer, folded, context, size);
  const isNovel = (start: number, end: number, known: ReadonlySet<number>): boolean =>
    end - start + 2 < size
      ? !known.has(hashWord(folded, start, end))
      : mostlyNovel(novel, start, end, size);
  return {
    share: 1 - share,
    evidence: (known) => novelRuns(folded, (start, end) => isNovel(start, end, known)),
  };
}

/** Runs of novel words. */
function novelRuns(
  folded: Folded,
  isNovelWord: (start: number, end: number) => boolean,
): Evidence[] {
  const runs: { start: number; end: number; kind: string }[] = [];
  let open = false;
  let wordStart = 1;
  for (let at = 1; at < folded.length; at++) {
    if (folded.codes[at] !== SPACE) continue;
    const start = folded.offsets[wordStart] ?? 0;
    const end = folded.offsets[at] ?? 0;
    const isNovel = isNovelWord(wordStart, at);
    const last = runs.at(-1);
    if (isNovel && open && last) last.end = end;
    else if (isNovel) runs.push({ start, end, kind: "novel words" });
    open = isNovel;
    wordStart = at + 1;
  }
  return runs;
}

/**
 * Looks at the n-grams within the word and the spaces around it: others are about its neighbours.
 */
function mostlyNovel(novelties: Uint8Array, start: number, end: number, size: number): boolean {
  const first = start - 1;
  const last = Math.min(Math.max(first, end + 1 - size), novelties.length - 1);
  let novel = 0;
  for (let at = first; at <= last; at++) novel += novelties[at] ?? 0;
  return novel * 2 > last - first + 1;
}
