import type { RateCard } from "@burnrate/core";
import { KINDS } from "./input-kind.ts";
import { RatioQuantile } from "./ratio-quantile.ts";

/** What one model's inputs have been like, by kind. */
export class ModelRatios {
  readonly #byKind: (RatioQuantile | undefined)[] = new Array(KINDS).fill(undefined);

  ratio(kind: number): number {
    return this.#byKind[kind]?.ratio ?? 1;
  }

  observe(kind: number, ratio: number): void {
    let quantile = this.#byKind[kind];
    if (quantile === undefined) {
      quantile = new RatioQuantile();
      this.#byKind[kind] = quantile;
    }
    quantile.observe(ratio);
  }
}

/** The models that were used last; one that is forgotten starts again at the bound. */
export class ModelRatiosCache {
  readonly #models = new Map<string, ModelRatios>();
  readonly #cap: number;
  #lastCard: RateCard | undefined;
  #last: ModelRatios | undefined;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get size(): number {
    return this.#models.size;
  }

  /** By names, for a model's card changes with its price. */
  of(card: RateCard): ModelRatios {
    if (this.#last !== undefined && this.#lastCard === card) return this.#last;
    const key = `${card.provider}/${card.model}`;
    const found = this.#models.get(key) ?? new ModelRatios();
    this.#models.delete(key);
    const { value: oldest } = this.#models.keys().next();
    if (this.#models.size >= this.#cap && oldest !== undefined) this.#models.delete(oldest);
    this.#models.set(key, found);
    this.#lastCard = card;
    this.#last = found;
    return found;
  }
}
