import type { AccountRef, Balance } from "@burnrate/core";
import type { SqlValue } from "../database/driver.ts";
import { MAX, toInstant } from "./amount.ts";
import { RollingWindow } from "./rolling-window.ts";

/** A row of the table `account`. */
export interface AccountRow {
  readonly id: number;
  readonly limit_amount: number;
  readonly limit_version: number;
  readonly settled: number;
  readonly held: number;
  readonly leased: number;
  readonly unknown: number;
  readonly open: number;
  readonly corrections: number;
  readonly used_at_ms: number;
  readonly ends_at_ms: number | null;
  readonly rolling: string | null;
}

/** One balance while a transaction lasts. Changes only through these methods. */
export class Account {
  readonly id: number;
  /** Whether the row must be written. */
  isChanged = false;
  /** Reservations and leases that are open or of unknown end: the account must not be forgotten. */
  open: number;
  /** How often it was corrected: what became unknown before is known since. */
  corrections: number;
  held: number;
  leased: number;
  /** Epoch ms; Infinity when it does not end. */
  readonly endsAtMs: number;
  #limit: number;
  #limitVersion: number;
  #usedAtMs: number;
  #settled: number;
  #unknown: number;
  #rolling: RollingWindow | undefined;

  constructor(row: AccountRow) {
    this.id = row.id;
    this.open = row.open;
    this.corrections = row.corrections;
    this.held = row.held;
    this.leased = row.leased;
    this.endsAtMs = row.ends_at_ms ?? Number.POSITIVE_INFINITY;
    this.#limit = row.limit_amount;
    this.#limitVersion = row.limit_version;
    this.#usedAtMs = row.used_at_ms;
    this.#settled = row.settled;
    this.#unknown = row.unknown;
    this.#rolling = row.rolling === null ? undefined : RollingWindow.parse(row.rolling);
  }

  /** What `settled` and `unknown` come to at this moment. */
  get spent(): number {
    return this.settled + this.unknown;
  }

  get settled(): number {
    return this.#rolling?.settled ?? this.#settled;
  }

  get unknown(): number {
    return this.#rolling?.unknown ?? this.#unknown;
  }

  /** What may still be taken; 0 when the account is over. */
  get room(): number {
    return Math.max(0, this.#limit - this.spent - this.held - this.leased);
  }

  /** Whether it has a window that moves on when it is only looked at. */
  get isRolling(): boolean {
    return this.#rolling !== undefined;
  }

  balance(): Balance {
    return {
      settled: this.settled,
      held: this.held,
      leased: this.leased,
      unknown: this.unknown,
    };
  }

  /** Brings limit and rolling window up to date, and names the slot that a hold belongs to. */
  update(ref: AccountRef, atMs: number, nowMs: number): number {
    this.isChanged = true;
    this.#usedAtMs = Math.max(this.#usedAtMs, nowMs);
    if (ref.limitVersion >= this.#limitVersion) {
      this.#limit = ref.limit;
      this.#limitVersion = ref.limitVersion;
      if (ref.window.kind === "rolling") this.#rolling = this.#rolling?.reshaped(ref.window);
    }
    return this.slotAt(atMs);
  }

  /** Lets a rolling window move on; time that runs backwards moves nothing. */
  advance(atMs: number): void {
    this.#rolling?.advance(atMs);
  }

  /** Where a rolling window counts a figure of this instant, having moved on to it. */
  slotAt(atMs: number): number {
    return this.#rolling?.slotAt(atMs) ?? 0;
  }

  /** The invariant, for one more amount: settled + held + leased + unknown + amount ≤ limit. */
  fits(amount: number): boolean {
    return this.settled + this.held + this.leased + this.unknown + amount <= this.#limit;
  }

  hold(amount: number): void {
    this.isChanged = true;
    this.held += amount;
    this.open++;
  }

  settle(amount: number, slotMs: number): void {
    this.isChanged = true;
    if (this.#rolling === undefined) this.#settled = Math.min(MAX, this.#settled + amount);
    else this.#rolling.settle(amount, slotMs);
  }

  /** Charges an amount whose truth is not known; negative when the truth arrives. */
  addUnknown(amount: number, slotMs: number): void {
    this.isChanged = true;
    if (this.#rolling !== undefined) this.#rolling.addUnknown(amount, slotMs);
    else this.#unknown = Math.max(0, Math.min(MAX, this.#unknown + amount));
  }

  /** Takes the provider's word for what is settled and unknown. */
  correct(settled: number): void {
    this.isChanged = true;
    this.#settled = settled;
    this.#unknown = 0;
    this.corrections++;
  }

  /** The columns that change, in the order of the statement that writes them. */
  toColumns(): SqlValue[] {
    return [
      this.#limit,
      this.#limitVersion,
      this.settled,
      this.held,
      this.leased,
      this.unknown,
      this.open,
      this.corrections,
      toInstant(this.#usedAtMs),
      this.#rolling?.toText() ?? null,
    ];
  }
}

/** The row of an account that is new. */
export function newRow(ref: AccountRef, id: number, nowMs: number): AccountRow {
  const { window } = ref;
  const ends = window.kind === "fixed" && window.endsAtMs < MAX;
  return {
    id,
    limit_amount: ref.limit,
    limit_version: ref.limitVersion,
    ...{ settled: 0, held: 0, leased: 0, unknown: 0, open: 0, corrections: 0 },
    used_at_ms: toInstant(nowMs),
    ends_at_ms: ends ? toInstant(window.endsAtMs) : null,
    rolling: window.kind === "rolling" ? new RollingWindow(window).toText() : null,
  };
}
