/** A rate with what it could as well be. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How sure intervals are by default: 95 %. */
export const LEVEL = 0.95;

/** Nothing is known: anything from 0 to 1, and no estimate to print. */
export const UNKNOWN: Interval = Object.freeze({ estimate: Number.NaN, low: 0, high: 1 });

/** Keeps an interval of a rate between 0 and 1. */
export function clip(estimate: number, low: number, high: number): Interval {
  return { estimate: unit(estimate), low: unit(low), high: unit(high) };
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
