import type { ModelRatios } from "./model-ratios.ts";

const SLOTS = 1_024;

/** What an estimate was made from. */
export interface EstimateBasis {
  readonly bound: number;
  readonly kind: number;
}

/**
 * From what bound a figure came, found again by the figure and its model when the call ends. So
 * nothing of a call is kept but numbers, and no memory is taken for it. A slot that another
 * estimate has taken meanwhile is one observation less.
 */
export class RecentEstimates {
  readonly #estimates = new Float64Array(SLOTS);
  readonly #bounds = new Float64Array(SLOTS);
  readonly #kinds = new Uint8Array(SLOTS);
  readonly #models: (ModelRatios | undefined)[] = new Array(SLOTS).fill(undefined);

  remember(model: ModelRatios, estimate: number, bound: number, kind: number): void {
    const slot = estimate % SLOTS;
    this.#estimates[slot] = estimate;
    this.#bounds[slot] = bound;
    this.#kinds[slot] = kind;
    this.#models[slot] = model;
  }

  /** The bound and kind of the last estimate of a model that was this figure. */
  find(model: ModelRatios, estimate: number): EstimateBasis | undefined {
    const slot = estimate % SLOTS;
    const found = this.#models[slot] === model && this.#estimates[slot] === estimate;
    return found ? { bound: this.#bounds[slot] ?? 0, kind: this.#kinds[slot] ?? 0 } : undefined;
  }
}
