import type { Settlement, SettleResult } from "@burnrate/core";
import { FigureReader, pushBalance } from "./balance-figures.ts";

/** A batch of settlements on its way to the other thread. */
export interface WireSettlements {
  readonly method: "settle";
  readonly ids: readonly string[];
  readonly figures: Float64Array;
}

const ENDS = ["settled", "released", "unknown"] as const;

export function packSettlements(batch: readonly Settlement[]): WireSettlements {
  const figures: number[] = [];
  for (const { as, amounts, once, atMs = Number.NaN } of batch) {
    figures.push(ENDS.indexOf(as), once === true ? 1 : 0, atMs, amounts.length, ...amounts);
  }
  return {
    method: "settle",
    ids: batch.map(({ id }) => id),
    figures: new Float64Array(figures),
  };
}

export function unpackSettlements({ ids, figures }: WireSettlements): Settlement[] {
  const reader = new FigureReader(figures);
  return ids.map((id) => {
    const as = ENDS[reader.next()] ?? "unknown";
    const once = reader.next() === 1;
    const atMs = reader.next();
    const amounts = reader.figures(reader.next());
    return { id, as, amounts, once, ...(Number.isNaN(atMs) ? {} : { atMs }) };
  });
}

export function packSettleResults(results: readonly SettleResult[]): Float64Array {
  const figures: number[] = [];
  for (const { applied, balances, spentBefore } of results) {
    figures.push(applied ? 1 : 0, balances.length);
    for (const balance of balances) pushBalance(figures, balance);
    figures.push(...spentBefore);
  }
  return new Float64Array(figures);
}

export function unpackSettleResults(count: number, figures: Float64Array): SettleResult[] {
  const reader = new FigureReader(figures);
  return Array.from({ length: count }, () => {
    const applied = reader.next() === 1;
    const length = reader.next();
    const balances = reader.balances(length);
    return { applied, balances, spentBefore: reader.figures(length) };
  });
}
