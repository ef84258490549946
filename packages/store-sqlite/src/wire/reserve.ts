import type { AccountRef, Reservation, ReserveResult } from "@burnrate/core";
import { FigureReader, pushBalance } from "./balance-figures.ts";

/** A batch of reservations on its way to the other thread. */
export interface WireReservations {
  readonly method: "reserve";
  readonly ids: readonly string[];
  /** Each account that the batch names, once. */
  readonly accounts: readonly AccountRef[];
  readonly figures: Float64Array;
}

const RESERVED = 0;
const DUPLICATE = 1;
const REFUSED = 2;

export function packReservations(
  batch: readonly Reservation[],
  toPlain: (account: AccountRef) => AccountRef,
): WireReservations {
  const places = new Map<AccountRef, number>();
  const figures: number[] = [];
  for (const { accounts, amounts, expiresInMs, atMs, dispatched, once } of batch) {
    figures.push(
      dispatched === true ? 1 : 0,
      once === true ? 1 : 0,
      expiresInMs,
      atMs,
      accounts.length,
    );
    for (const [index, account] of accounts.entries()) {
      const place = places.get(account) ?? places.size;
      places.set(account, place);
      figures.push(place, amounts[index] ?? Number.NaN);
    }
  }
  return {
    method: "reserve",
    ids: batch.map(({ id }) => id),
    accounts: [...places.keys()].map(toPlain),
    figures: new Float64Array(figures),
  };
}

export function unpackReservations({ ids, accounts, figures }: WireReservations): Reservation[] {
  const reader = new FigureReader(figures);
  return ids.map((id) => {
    const [dispatched, once] = [reader.next() === 1, reader.next() === 1];
    const [expiresInMs, atMs, count] = [reader.next(), reader.next(), reader.next()];
    const [named, amounts]: [AccountRef[], number[]] = [[], []];
    for (let index = 0; index < count; index++) {
      named.push(accounts[reader.next()] as AccountRef);
      amounts.push(reader.next());
    }
    return { id, accounts: named, amounts, expiresInMs, atMs, dispatched, once };
  });
}

export function packReserveResults(results: readonly ReserveResult[]): Float64Array {
  const figures: number[] = [];
  for (const result of results) {
    if (result.kind === "reserved") figures.push(RESERVED);
    else if (result.kind === "refused") figures.push(REFUSED, result.index);
    else figures.push(DUPLICATE);
    if ("balances" in result) for (const one of result.balances) pushBalance(figures, one);
  }
  return new Float64Array(figures);
}

export function unpackReserveResults(
  batch: readonly Reservation[],
  figures: Float64Array,
): ReserveResult[] {
  const reader = new FigureReader(figures);
  return batch.map(({ accounts }) => {
    const kind = reader.next();
    if (kind === DUPLICATE) return { kind: "duplicate" };
    if (kind === RESERVED) return { kind: "reserved", balances: reader.balances(accounts.length) };
    return { kind: "refused", index: reader.next(), balances: reader.balances(accounts.length) };
  });
}
