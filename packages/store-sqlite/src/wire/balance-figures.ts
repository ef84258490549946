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
    const balances: Balance[] = [];
    for (let index = 0; index < count; index++) balances.push(this.balance());
    return balances;
  }

  figures(count: number): number[] {
    const figures: number[] = [];
    for (let index = 0; index < count; index++) figures.push(this.next());
    return figures;
  }
}

/** Adds a balance in the order in which it is read. */
export function pushBalance(figures: number[], balance: Balance): void {
  figures.push(balance.settled, balance.held, balance.leased, balance.unknown);
}
