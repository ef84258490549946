import type { Method } from "../objective/method.ts";

/** What a slice's share of bad events is counted in, so that sums stay whole numbers. */
export const RATIO_UNITS = 1_000_000;

/** A slice that is over, as it counts: in events, or in millionths of one. */
export interface ClosedSlice {
  readonly endsAtMs: number;
  readonly bad: number;
  readonly total: number;
}

/** Judges slices of time as they end. */
export class SliceCounter {
  readonly #method: Exclude<Method, { readonly kind: "occurrences" }>;
  readonly #maxSlices: number;
  #slice = -1;
  #bad = 0;
  #total = 0;

  constructor(method: Exclude<Method, { readonly kind: "occurrences" }>, windowMs: number) {
    this.#method = method;
    this.#maxSlices = Math.ceil(windowMs / method.sliceMs);
  }

  /** Closes the slices that are over; those of a window that is long gone are left out. */
  advance(nowMs: number): ClosedSlice[] {
    const { sliceMs } = this.#method;
    const slice = Math.floor(nowMs / sliceMs);
    if (slice <= this.#slice) return [];
    const closed: ClosedSlice[] = [];
    if (this.#slice >= 0) {
      this.#close(this.#slice, closed);
      const first = Math.max(this.#slice + 1, slice - this.#maxSlices);
      if (this.#method.noData !== "ignore") {
        for (let empty = first; empty < slice; empty++) this.#close(empty, closed);
      }
    }
    this.#slice = slice;
    return closed;
  }

  add(bad: number, total: number): void {
    this.#bad += bad;
    this.#total += total;
  }

  /** The slice that is not over, for snapshots. */
  get open(): { readonly slice: number; readonly bad: number; readonly total: number } {
    return { slice: this.#slice, bad: this.#bad, total: this.#total };
  }

  #close(slice: number, closed: ClosedSlice[]): void {
    const { sliceMs, noData } = this.#method;
    const share = this.#total === 0 ? emptyShare(noData) : this.#bad / this.#total;
    this.#bad = 0;
    this.#total = 0;
    if (share === undefined) return;
    closed.push({ endsAtMs: (slice + 1) * sliceMs, ...this.#judge(share) });
  }

  #judge(badShare: number): { readonly bad: number; readonly total: number } {
    if (this.#method.kind === "ratio-time-slices") {
      return { bad: Math.round(badShare * RATIO_UNITS), total: RATIO_UNITS };
    }
    return { bad: 1 - badShare >= this.#method.target ? 0 : 1, total: 1 };
  }
}

function emptyShare(noData: "ignore" | "good" | "bad"): number | undefined {
  if (noData === "ignore") return undefined;
  return noData === "good" ? 0 : 1;
}
