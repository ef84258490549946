import { eachGram } from "./each-gram.ts";
import type { Folded } from "./fold.ts";
import { segmentsOf } from "./segments.ts";

/** Half a passage: passages overlap by half, so that none is cut where it matters. */
const BLOCK = 300;
/**
 * Of an n-gram that an answer repeats more often only the last places are counted by passage; the
 * others are covered when it stands anywhere in the context.
 */
const MAX_PLACES = 12;

/** How an answer's n-grams stand in a context. */
export interface PassageCover {
  /** Share of the n-grams that stand in the best passage for their sentence, 0 to 1. */
  readonly share: number;
  /** For each n-gram whether it stands nowhere in the context. */
  readonly novel: Uint8Array;
}

/**
 * Finds for each sentence of an answer the passage of 600 characters that has most of its n-grams:
 * in a long context nearly every n-gram stands somewhere by chance, but what supports a sentence
 * stands together. Linear in both texts.
 */
export function passageCover(
  answer: string,
  folded: Folded,
  context: Folded,
  size: number,
): PassageCover {
  const places = new Places(folded, size);
  const segments = segmentsOf(answer, folded);
  const passages = new Passages(segments.count);
  let block = 1;
  eachGram(context, size, (hash, at) => {
    for (; at >= block * BLOCK; block++) passages.nextBlock();
    places.hit(hash, block, (place, wasInBlockBefore) => {
      passages.add(segments.of[place] ?? 0, wasInBlockBefore);
    });
  });
  return { share: (passages.covered() + places.repeated()) / places.count, novel: places.novel };
}

/** Counts n-grams by sentence in two neighbouring blocks, and keeps each sentence's best. */
class Passages {
  readonly #best: Uint32Array;
  #before: Block;
  #block: Block;

  constructor(segments: number) {
    this.#best = new Uint32Array(segments);
    this.#before = new Block(segments);
    this.#block = new Block(segments);
  }

  add(segment: number, wasInBlockBefore: boolean): void {
    this.#block.add(segment, wasInBlockBefore);
  }

  nextBlock(): void {
    const [before, block] = [this.#before, this.#block];
    for (const segment of before.segments) this.#keep(segment);
    for (const segment of block.segments) this.#keep(segment);
    before.clear();
    [this.#before, this.#block] = [block, before];
  }

  covered(): number {
    this.nextBlock();
    return this.#best.reduce((sum, count) => sum + count, 0);
  }

  #keep(segment: number): void {
    const before = this.#before.counts[segment] ?? 0;
    const both = before + (this.#block.newcomers[segment] ?? 0);
    if (both > (this.#best[segment] ?? 0)) this.#best[segment] = both;
  }
}

/** The n-grams of a block by sentence; `newcomers` were not in the block before. */
class Block {
  readonly counts: Uint32Array;
  readonly newcomers: Uint32Array;
  readonly segments: number[] = [];

  constructor(segments: number) {
    this.counts = new Uint32Array(segments);
    this.newcomers = new Uint32Array(segments);
  }

  add(segment: number, wasInBlockBefore: boolean): void {
    const count = this.counts[segment] ?? 0;
    if (count === 0) this.segments.push(segment);
    this.counts[segment] = count + 1;
    if (!wasInBlockBefore) this.newcomers[segment] = (this.newcomers[segment] ?? 0) + 1;
  }

  clear(): void {
    for (const segment of this.segments) {
      this.counts[segment] = 0;
      this.newcomers[segment] = 0;
    }
    this.segments.length = 0;
  }
}

/**
 * Where each n-gram stands in an answer: a hash table whose chains are cut, so that no text can
 * make it slow.
 */
class Places {
  readonly count: number;
  readonly novel: Uint8Array;
  readonly #hashes: Uint32Array;
  /** For each slot the last place, plus 1; 0 when there is none. */
  readonly #slots: Uint32Array;
  /** For each place the one before it in the same slot, plus 1. */
  readonly #next: Uint32Array;
  /** The block, from 2, that was last counted at a place. */
  readonly #seenIn: Uint32Array;

  constructor(folded: Folded, size: number) {
    const count = Math.max(0, folded.length - size + 1);
    this.count = count;
    this.novel = new Uint8Array(count).fill(1);
    this.#hashes = new Uint32Array(count);
    this.#next = new Uint32Array(count);
    this.#seenIn = new Uint32Array(count);
    let slots = 64;
    while (slots < count * 4) slots *= 2;
    this.#slots = new Uint32Array(slots);
    eachGram(folded, size, (hash, at) => {
      const slot = hash & (slots - 1);
      this.#hashes[at] = hash;
      this.#next[at] = this.#slots[slot] ?? 0;
      this.#slots[slot] = at + 1;
    });
  }

  /** Visits the places of an n-gram, each once a block. */
  hit(
    hash: number,
    block: number,
    visit: (place: number, wasInBlockBefore: boolean) => void,
  ): void {
    let place = this.#slots[hash & (this.#slots.length - 1)] ?? 0;
    for (let turn = 0; place > 0 && turn < MAX_PLACES; turn++) {
      const at = place - 1;
      place = this.#next[at] ?? 0;
      const seenIn = this.#seenIn[at] ?? 0;
      if (this.#hashes[at] !== hash || seenIn === block + 1) continue;
      this.#seenIn[at] = block + 1;
      this.novel[at] = 0;
      visit(at, seenIn === block);
    }
  }

  /** How many places were not visited, although their n-gram stands in the context. */
  repeated(): number {
    let count = 0;
    for (let at = 0; at < this.count; at++) {
      if (this.novel[at] === 0 || !this.#isKnown(this.#hashes[at] ?? 0)) continue;
      this.novel[at] = 0;
      count++;
    }
    return count;
  }

  /** Whether a place of this n-gram that can be visited was. */
  #isKnown(hash: number): boolean {
    let place = this.#slots[hash & (this.#slots.length - 1)] ?? 0;
    for (let turn = 0; place > 0 && turn < MAX_PLACES; turn++) {
      if (this.#hashes[place - 1] === hash) return this.novel[place - 1] === 0;
      place = this.#next[place - 1] ?? 0;
    }
    return false;
  }
}
