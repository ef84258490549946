/** Names and values of a series. */
export type Labels = Readonly<Record<string, string>>;

/** What a name becomes when there are too many. */
export const OTHER = "other";

/** One series of a family and what it holds. */
export interface Series<T> {
  readonly labels: Labels;
  readonly cell: T;
}

/** How many look-ups of a whole exporter were answered with `other`. */
export interface FoldCounter {
  folded: number;
}

/**
 * The series of one metric, at most `maxSeries` and one more: what comes later shares a series
 * whose labels all say `other`. A series is never given up, so that counters only rise.
 */
export class Family<T> {
  readonly series: Series<T>[] = [];
  readonly #maxSeries: number;
  readonly #make: () => T;
  readonly #counter: FoldCounter;
  #other: T | undefined;

  constructor(maxSeries: number, counter: FoldCounter, make: () => T) {
    this.#maxSeries = maxSeries;
    this.#counter = counter;
    this.#make = make;
  }

  /** A new series, or the shared one. */
  open(labels: Labels): T {
    if (this.series.length < this.#maxSeries) return this.#add(labels);
    this.#counter.folded++;
    return this.other(labels);
  }

  /** The shared series; it is outside of the cap. */
  other(like: Labels): T {
    this.#other ??= this.#add(Object.fromEntries(Object.keys(like).map((key) => [key, OTHER])));
    return this.#other;
  }

  #add(labels: Labels): T {
    const cell = this.#make();
    this.series.push({ labels, cell });
    return cell;
  }
}
