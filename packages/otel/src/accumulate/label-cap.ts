/** Remembers which label sets a metric shows, so that the same ones are shown for ever. */
export class LabelCap {
  readonly #admitted = new Set<string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether this label set has a series of its own. */
  admits(key: string): boolean {
    if (this.#admitted.has(key)) return true;
    if (this.#admitted.size >= this.#max) return false;
    this.#admitted.add(key);
    return true;
  }
}
