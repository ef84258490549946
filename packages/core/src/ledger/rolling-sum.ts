/** Slices of a rolling window; one more is kept, because a slice leaves only when wholly outside. */
const KEPT = 61;

/**
 * A sum over a rolling window in fixed memory: 60 slices and the one that is leaving, so that the
 * window covers at least its length and never less.
 */
export class RollingSum {
  readonly #slices = new Float64Array(KEPT);
  readonly #sliceMs: number;
  #newest = Number.NEGATIVE_INFINITY;
  sum = 0;

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  /** The slice of an instant; pass it to `add` later, so that a late figure lands where it belongs. */
  sliceAt(atMs: number): number {
    return Math.floor(atMs / this.#sliceMs);
  }

  /** Lets go of slices that are wholly outside at that instant. Time never runs backwards here. */
  advance(atMs: number): void {
    const slice = this.sliceAt(atMs);
    if (slice <= this.#newest) return;
    const gone = Math.min(slice - this.#newest, KEPT);
    for (let index = slice - gone + 1; index <= slice; index++) {
      const place = index % KEPT;
      this.sum -= this.#slices[place] ?? 0;
      this.#slices[place] = 0;
    }
    this.#newest = slice;
  }

  /** Adds to a slice (negative to correct), unless it has left the window already. */
  add(slice: number, amount: number): void {
    if (slice <= this.#newest - KEPT || slice > this.#newest) return;
    this.#slices[slice % KEPT] = (this.#slices[slice % KEPT] ?? 0) + amount;
    this.sum += amount;
  }
}
