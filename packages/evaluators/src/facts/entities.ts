import type { Folded } from "../text/fold.ts";
import { type FoldedWord, wordsOf } from "../text/words-of.ts";
import type { Fact } from "./fact.ts";

const SENTENCE_START = /(?:^|[.!?:;•\n"“”«»([*#>-])\s*$/u;

/** A name in an answer, with the hash of its word. */
export interface Name extends Fact {
  readonly hash: number;
}

/**
 * Names: words with a capital, except `I` and where a sentence begins. English habits: German
 * nouns are all names by this, and scripts without capitals have none.
 */
export function namesIn(text: string, folded: Folded): Name[] {
  const names: Name[] = [];
  wordsOf(folded, (word) => {
    if (isName(text, word)) names.push({ ...word, key: "", kind: "name" });
  });
  return names;
}

function isName(text: string, { start, end }: FoldedWord): boolean {
  const first = text[start] ?? "";
  if (first === first.toLowerCase() || (end - start === 1 && first === "I")) return false;
  return !SENTENCE_START.test(text.slice(Math.max(0, start - 4), start));
}

/** Hashes of all words of a context: a name may stand there at the start of a sentence. */
export function wordHashes(folded: Folded): ReadonlySet<number> {
  const hashes = new Set<number>();
  wordsOf(folded, ({ hash }) => hashes.add(hash));
  return hashes;
}
