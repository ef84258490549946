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
  for (let at = 1; at < length; at++) {
    if (codes[at] !== SPACE) continue;
    if (at > wordStart) {
      const start = offsets[wordStart] ?? 0;
      visit({ start, end: offsets[at] ?? 0, hash: hashWord(folded, wordStart, at) });
    }
    wordStart = at + 1;
  }
}

/** The hash of the word between two places of a folded text. */
export function hashWord({ codes }: Folded, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) {
    hash = Math.imul(hash ^ (codes[at] ?? SPACE), 0x01000193) + 0x9e3779b9;
  }
  return mix(hash);
}

function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 1;
}
