import type { AccountWindow } from "@burnrate/core";
import { MAX } from "./amount.ts";

type Shape = AccountWindow & { readonly kind: "rolling" };

/** What is charged to one slice. */
type Charges = Map<number, number>;

interface Saved {
  readonly lengthMs: number;
  readonly sliceMs: number;
  readonly newest: number | null;
  readonly settled: readonly (readonly [number, number])[];
  readonly unknown: readonly (readonly [number, number])[];
}

/** A sum over slices; it never goes below what is there, nor beyond what is exact. */
class SliceSum {
  readonly slices: Charges;
  sum = 0;

  constructor(slices: Saved["settled"] = []) {
    this.slices = new Map(slices);
    for (const amount of this.slices.values()) this.sum = Math.min(MAX, this.sum + amount);
  }

  add(slice: number, amount: number): void {
    const before = this.slices.get(slice) ?? 0;
    const added = Math.max(-before, Math.min(amount, MAX - this.sum));
    if (added === 0) return;
    this.slices.set(slice, before + added);
    this.sum += added;
  }

  /** Lets go of everything up to a slice. */
  drop(last: number): void {
    for (const [slice, amount] of this.slices) {
      if (slice > last) continue;
      this.slices.delete(slice);
      this.sum -= amount;
    }
  }
}

/**
 * What was charged to a rolling window, in its slices and the one that is leaving, so that the
 * window covers at least its length and never less. Kept as text in the account's row.
 */
export class RollingWindow {
  readonly #shape: Shape;
  readonly #settled: SliceSum;
  readonly #unknown: SliceSum;
  #newest: number;

  constructor(shape: Shape, saved?: Saved) {
    this.#shape = shape;
    this.#settled = new SliceSum(saved?.settled);
    this.#unknown = new SliceSum(saved?.unknown);
    this.#newest = saved?.newest ?? Number.NEGATIVE_INFINITY;
  }

  static parse(text: string): RollingWindow {
    const saved = JSON.parse(text) as Saved;
    const { lengthMs, sliceMs } = saved;
    return new RollingWindow({ kind: "rolling", lengthMs, sliceMs }, saved);
  }

  get settled(): number {
    return this.#settled.sum;
  }

  get unknown(): number {
    return this.#unknown.sum;
  }

  /** Lets go of slices that are wholly outside at that instant. Time never runs backwards here. */
  advance(atMs: number): void {
    const slice = this.#sliceOf(atMs);
    if (!(slice > this.#newest) || !Number.isFinite(slice)) return;
    this.#newest = slice;
    this.#settled.drop(slice - this.#kept);
    this.#unknown.drop(slice - this.#kept);
  }

  /**
   * The first instant of the slice that a figure of this instant belongs to, the window having
   * moved on to it. An instant before the newest slice counts as in it, where it stays a whole
   * window.
   */
  slotAt(atMs: number): number {
    this.advance(atMs);
    return toSlot(this.#newest * this.#shape.sliceMs);
  }

  settle(amount: number, slotMs: number): void {
    this.#add(this.#settled, amount, slotMs);
  }

  /** Negative to correct. */
  addUnknown(amount: number, slotMs: number): void {
    this.#add(this.#unknown, amount, slotMs);
  }

  /** The same charges in slices of another length: none counts earlier than it was made. */
  reshaped(shape: Shape): RollingWindow {
    const { lengthMs, sliceMs } = this.#shape;
    if (lengthMs === shape.lengthMs && sliceMs === shape.sliceMs) return this;
    const next = new RollingWindow(shape);
    for (const [slice, amount] of this.#settled.slices) {
      next.settle(amount, (slice + 1) * sliceMs - 1);
    }
    for (const [slice, amount] of this.#unknown.slices) {
      next.addUnknown(amount, (slice + 1) * sliceMs - 1);
    }
    return next;
  }

  toText(): string {
    const saved: Saved = {
      lengthMs: this.#shape.lengthMs,
      sliceMs: this.#shape.sliceMs,
      newest: Number.isFinite(this.#newest) ? this.#newest : null,
      settled: [...this.#settled.slices],
      unknown: [...this.#unknown.slices],
    };
    return JSON.stringify(saved);
  }

  get #kept(): number {
    return Math.ceil(this.#shape.lengthMs / this.#shape.sliceMs) + 1;
  }

  #sliceOf(atMs: number): number {
    return Math.floor(atMs / this.#shape.sliceMs);
  }

  #add(sum: SliceSum, amount: number, slotMs: number): void {
    this.advance(slotMs);
    const slice = this.#sliceOf(slotMs);
    if (slice > this.#newest - this.#kept) sum.add(slice, amount);
  }
}

function toSlot(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
