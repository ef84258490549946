import type { Balance } from "@burnrate/core";

/**
 * Why figures cross between threads as one array: objects are copied with the names of all their
 * fields, which for a batch took longer than the database.
 */
export class FigureReader {
  readonly #figures: Float64Array;
  #at = 0;

  constructor(figures: Float64Array) {
    this.#figures = figures;
  }

  next(): number {
    return this.#figures[this.#at++] ?? Number.NaN;
  }

  balance(): Balance {
    return {
      settled: this.next(),
      held: this.next(),
      leased: this.next(),
      unknown: this.next(),
    };
  }

  balances(count: number): Balance[] {
    return Array.from({ length: count }, () => this.balance());
  }
}

/** Adds a balance in the order in which it is read. */
export function pushBalance(figures: number[], balance: Balance): void {
  figures.push(balance.settled, balance.held, balance.leased, balance.unknown);
}
