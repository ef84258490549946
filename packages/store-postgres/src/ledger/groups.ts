import type { Reservation, Settlement } from "@burnrate/core";

/**
 * Neighbours that hold on the same accounts for equally long: the database may take them together.
 */
export function reservationGroups(
  batch: readonly Reservation[],
): readonly (readonly Reservation[])[] {
  return groupsOf(
    batch,
    (one, other) =>
      one.expiresInMs === other.expiresInMs &&
      one.dispatched === other.dispatched &&
      one.once === other.once &&
      areSame(one.accounts, other.accounts),
  );
}

/** Neighbours that end in the same manner. */
export function settlementGroups(batch: readonly Settlement[]): readonly (readonly Settlement[])[] {
  return groupsOf(
    batch,
    (one, other) =>
      one.as === other.as &&
      one.once === other.once &&
      one.atMs === other.atMs &&
      one.amounts.length === other.amounts.length,
  );
}

/** Whether two lists have the same members in the same order. */
export function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some === others) return true;
  return some.length === others.length && some.every((value, at) => value === others[at]);
}

function groupsOf<T>(
  batch: readonly T[],
  areAlike: (one: T, other: T) => boolean,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let last: T[] = [];
  for (const item of batch) {
    const [first] = last;
    if (first !== undefined && areAlike(first, item)) last.push(item);
    else {
      last = [item];
      groups.push(last);
    }
  }
  return groups;
}
