import type { AccountWindow } from "./ledger.ts";

/** Largest exact sum; it saturates there instead of losing precision. */
const MAX = Number.MAX_SAFE_INTEGER;

/**
 * A sum over a rolling window in fixed memory: the window's slices and the one that is leaving, so
 * that the window covers at least its length and never less.
 */
export class RollingSum {
  readonly #slices: Float64Array;
  readonly #sliceMs: number;
  #newest = Number.NEGATIVE_INFINITY;
  sum = 0;

  constructor({ lengthMs, sliceMs }: AccountWindow & { readonly kind: "rolling" }) {
    this.#slices = new Float64Array(Math.ceil(lengthMs / sliceMs) + 1);
    this.#sliceMs = sliceMs;
  }

  /**
   * The slice of an instant; pass it to `add` later, so that a late figure lands where it belongs.
   * An instant before the newest slice counts as in it: a clock that stepped back must not charge
   * to slices that have left, where nothing counts.
   */
  sliceAt(atMs: number): number {
    return Math.max(Math.floor(atMs / this.#sliceMs), this.#newest);
  }

  /** Lets go of slices that are wholly outside at that instant. Time never runs backwards here. */
  advance(atMs: number): void {
    const slice = Math.floor(atMs / this.#sliceMs);
    if (slice > this.#newest) this.#moveTo(slice);
  }

  /** Adds to a slice (negative to correct), unless it has left the window already. */
  add(slice: number, amount: number): void {
    if (slice > this.#newest) this.#moveTo(slice);
    const kept = this.#slices.length;
    if (slice <= this.#newest - kept) return;
    const before = this.#slices[slice % kept] ?? 0;
    const added = Math.max(-before, Math.min(amount, MAX - this.sum));
    this.#slices[slice % kept] = before + added;
    this.sum += added;
  }

  #moveTo(slice: number): void {
    const kept = this.#slices.length;
    const gone = Math.min(slice - this.#newest, kept);
    for (let index = slice - gone + 1; index <= slice; index++) {
      this.sum -= this.#slices[index % kept] ?? 0;
      this.#slices[index % kept] = 0;
    }
    this.#newest = slice;
  }
}
