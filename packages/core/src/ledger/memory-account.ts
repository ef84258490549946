import type { Evictable } from "../bounded/second-chance-map.ts";
import type { AccountRef, Balance } from "./ledger.ts";
import { RollingSum } from "./rolling-sum.ts";

/** Largest exact sum; a balance saturates there instead of losing precision. */
const MAX = Number.MAX_SAFE_INTEGER;

/**
 * One balance in memory. Changes only through these methods, so that the invariant is in one place.
 */
export class MemoryAccount implements Balance, Evictable {
  readonly id: string;
  /** False once it is out of the table: whoever still points at it must look it up again. */
  touched = true;
  /** Who has its place in the table. */
  readonly org: Evictable;
  /** The request that opened it last: one request's accounts never make room for each other. */
  request = 0;
  /** Reservations that are held or of unknown end, also those of nothing: usage may exceed them. */
  open = 0;
  /** How often it was corrected: what became unknown before is known since. */
  corrections = 0;
  held = 0;
  leased = 0;
  limit: number;
  limitVersion: number;
  readonly endsAtMs: number;
  #settled = 0;
  #unknown = 0;
  readonly #rolling: { readonly settled: RollingSum; readonly unknown: RollingSum } | undefined;

  constructor(ref: AccountRef, org: Evictable) {
    this.id = accountId(ref);
    this.org = org;
    this.limit = ref.limit;
    this.limitVersion = ref.limitVersion;
    const { window } = ref;
    this.endsAtMs = window.kind === "fixed" ? window.endsAtMs : Number.POSITIVE_INFINITY;
    if (window.kind === "rolling") {
      this.#rolling = { settled: new RollingSum(window), unknown: new RollingSum(window) };
    }
  }

  get settled(): number {
    return this.#rolling === undefined ? this.#settled : this.#rolling.settled.sum;
  }

  get unknown(): number {
    return this.#rolling === undefined ? this.#unknown : this.#rolling.unknown.sum;
  }

  /** Nobody will come back to it: nothing is held, leased or waiting for its truth. */
  get idle(): boolean {
    return this.open === 0 && this.leased === 0 && this.unknown === 0;
  }

  /** What may still be taken; negative when the account is over. */
  get room(): number {
    return this.limit - this.settled - this.held - this.leased - this.unknown;
  }

  /** Brings limit and rolling window up to date, and names the slice that a hold belongs to. */
  update(ref: AccountRef, atMs: number): number {
    if (ref.limitVersion >= this.limitVersion) {
      this.limit = ref.limit;
      this.limitVersion = ref.limitVersion;
    }
    if (this.#rolling === undefined) return 0;
    this.advance(atMs);
    return this.#rolling.settled.sliceAt(atMs);
  }

  /** Lets a rolling window move on; time that runs backwards moves nothing. */
  advance(atMs: number): void {
    if (this.#rolling === undefined) return;
    this.#rolling.settled.advance(atMs);
    this.#rolling.unknown.advance(atMs);
  }

  /** The slice that a figure of this instant belongs to, the window having moved on to it. */
  sliceAt(atMs: number): number {
    this.advance(atMs);
    return this.#rolling === undefined ? 0 : this.#rolling.settled.sliceAt(atMs);
  }

  /** The invariant, for one more amount: settled + held + leased + unknown + amount ≤ limit. */
  fits(amount: number): boolean {
    return this.settled + this.held + this.leased + this.unknown + amount <= this.limit;
  }

  hold(amount: number): void {
    this.held += amount;
    this.open++;
  }

  settle(amount: number, slice: number): void {
    if (this.#rolling === undefined) this.#settled = Math.min(MAX, this.#settled + amount);
    else this.#rolling.settled.add(slice, amount);
  }

  /** Takes the provider's word for what is settled and unknown. */
  correct(settled: number): void {
    this.#settled = settled;
    this.#unknown = 0;
    this.corrections++;
  }

  /** Charges an amount whose truth is not known; negative when the truth arrives. */
  addUnknown(amount: number, slice: number): void {
    if (this.#rolling === undefined) this.#unknown = Math.min(MAX, this.#unknown + amount);
    else this.#rolling.unknown.add(slice, amount);
  }
}

/** Names one account in one window; the length keeps names apart that contain what joins them. */
export function accountId(ref: AccountRef): string {
  return `${ref.key.length} ${ref.key} ${ref.windowKey}`;
}

/** The key in an account's id. */
export function keyOfAccount(id: string): string {
  const start = id.indexOf(" ") + 1;
  return id.slice(start, start + Number.parseInt(id, 10));
}
