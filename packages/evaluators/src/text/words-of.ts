import type { Folded } from "./fold.ts";

const SPACE = 32;

/** A word's place in the text as it was, and the hash of its small letters. */
export interface FoldedWord {
  readonly start: number;
  readonly end: number;
  /** 31 bits. */
  readonly hash: number;
}

/** Visits the words of a folded text in order. */
export function wordsOf(folded: Folded, visit: (word: FoldedWord) => void): void {
  const { codes, offsets, length } = folded;
  let wordStart = 1;
  let hash = 0;
  for (let at = 1; at < length; at++) {
    const code = codes[at] ?? SPACE;
    if (code !== SPACE) {
      hash = Math.imul(hash ^ code, 0x01000193) + 0x9e3779b9;
      continue;
    }
    if (at > wordStart) {
      const start = offsets[wordStart] ?? 0;
      visit({ start, end: offsets[at] ?? 0, hash: mix(hash) });
    }
    wordStart = at + 1;
    hash = 0;
  }
}

function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 1;
}
