import type { Tracker } from "./tracker.ts";

/** Burn rates by window; undefined where nothing was measured. */
export type BurnRates = Readonly<Record<string, number | undefined>>;

/** Windows of Google's rules over a month: those of most objectives. */
const USUAL = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;

/** Error ratio ÷ budget of every window of a tracker; all undefined for a target of 100 %. */
export class BurnReader {
  readonly #tracker: Tracker;
  readonly #keys: readonly string[];
  readonly #none: BurnRates;
  readonly #isUsual: boolean;

  constructor(tracker: Tracker) {
    this.#tracker = tracker;
    this.#keys = tracker.windows.map(({ key }) => key);
    this.#none = Object.freeze(Object.fromEntries(this.#keys.map((key) => [key, undefined])));
    this.#isUsual = this.#keys.slice(0, -1).join() === USUAL.join();
  }

  read(): BurnRates {
    if (this.#tracker.objective.target.budget === 0) return this.#none;
    const last = this.#keys.length - 1;
    if (this.#isUsual) return this.#readUsual(this.#keys[last] as string);
    const burn: Record<string, number | undefined> = { ...this.#none };
    for (let index = 0; index <= last; index++)
      burn[this.#keys[index] as string] = this.#rate(index);
    return burn;
  }

  /** A literal of known names is made in a fifth of the time. */
  #readUsual(budgetKey: string): BurnRates {
    const burn: Record<string, number | undefined> = {
      "5m": this.#rate(0),
      "30m": this.#rate(1),
      "1h": this.#rate(2),
      "2h": this.#rate(3),
      "6h": this.#rate(4),
      "1d": this.#rate(5),
      "3d": this.#rate(6),
    };
    burn[budgetKey] = this.#rate(7);
    return burn;
  }

  #rate(index: number): number | undefined {
    const tracker = this.#tracker;
    const rate = tracker.ratio(index) / tracker.objective.target.budget;
    return rate >= 0 ? rate : undefined; // NaN without events
  }
}
