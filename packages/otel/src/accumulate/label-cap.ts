import type { FoldCounter } from "./family.ts";

/** Remembers which label sets a metric shows, so that the same ones are shown for ever. */
export class LabelCap {
  readonly #admitted = new Set<string>();
  readonly #max: number;
  readonly #counter: FoldCounter;

  constructor(max: number, counter: FoldCounter) {
    this.#max = max;
    this.#counter = counter;
  }

  /** Whether this label set has a series of its own. */
  admits(key: string): boolean {
    if (this.#admitted.has(key)) return true;
    if (this.#admitted.size >= this.#max) {
      this.#counter.folded++;
      return false;
    }
    this.#admitted.add(key);
    return true;
  }
}
