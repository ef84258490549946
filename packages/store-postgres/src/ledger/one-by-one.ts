import type { Balance, Reservation, ReserveResult } from "@burnrate/core";

/** The balance after so much more was settled, and held. */
export function moved(
  { settled, held, leased, unknown }: Balance,
  spent: number,
  more: number,
): Balance {
  return { settled: settled + spent, held: held + more, leased, unknown };
}

/** What reservations that all fit are answered, each after the one before it. */
export function heldOneByOne(
  batch: readonly Reservation[],
  before: readonly Balance[],
): readonly ReserveResult[] {
  let last = before;
  return batch.map(({ amounts }) => {
    last = last.map((balance, at) => moved(balance, 0, amounts[at] ?? 0));
    return { kind: "reserved", balances: last };
  });
}
