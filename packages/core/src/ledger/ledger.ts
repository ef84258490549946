import type { MaybePromise } from "../ports/maybe-promise.ts";

/** What a budget counts: nano-dollars, input + output tokens, or calls. All are whole numbers. */
export type BudgetUnit = "usd" | "tokens" | "calls";

/** The span that one balance covers. Fixed windows are half-open; `endsAtMs` may be Infinity. */
export type AccountWindow =
  | { readonly kind: "fixed"; readonly startsAtMs: number; readonly endsAtMs: number }
  | { readonly kind: "rolling"; readonly lengthMs: number; readonly sliceMs: number };

/** One balance: a budget, for one value of its dimension, in one window. */
export interface AccountRef {
  /** Budget id and dimension value, unique in the ledger. */
  readonly key: string;
  /** Which window of that budget: `2026-11-21`, `total`, `rolling`. */
  readonly windowKey: string;
  readonly window: AccountWindow;
  readonly unit: BudgetUnit;
  readonly limit: number;
  /** Grows with each change of the limit: a store takes the newest. */
  readonly limitVersion: number;
  /** Whose cap of accounts this one counts against. */
  readonly org: string;
  /** Task and session accounts may be dropped when idle; others are never forgotten early. */
  readonly ephemeral: boolean;
  /** Belongs to the ledger: where it remembers its own record, so that it need not look it up. */
  slot?: unknown;
}

/** A balance as the ledger sees it. In memory it is live: read it, never keep it. */
export interface Balance {
  readonly settled: number;
  readonly held: number;
  /** Handed out to lease holders and not yet accounted for. */
  readonly leased: number;
  /** Dispatched, never settled: charged until a late settle or a reconciliation corrects it. */
  readonly unknown: number;
}

/** Holds `amounts[i]` on `accounts[i]`: all of them or none. */
export interface Reservation {
  readonly id: string;
  readonly accounts: readonly AccountRef[];
  readonly amounts: readonly number[];
  /** A store releases (or, once dispatched, charges) what nobody ended by then. */
  readonly expiresInMs: number;
  readonly atMs: number;
}

/** The answer to one reservation. A refusal carries every account's balance at that moment. */
export type ReserveResult =
  | { readonly kind: "reserved"; readonly balances: readonly Balance[] }
  | { readonly kind: "duplicate" }
  | {
      readonly kind: "refused";
      /** Index of the first account that had not enough. */
      readonly index: number;
      readonly balances: readonly Balance[];
    }
  | { readonly kind: "full"; readonly key: string; readonly cap: number };

/** Ends a reservation. `unknown` may be followed by one `settled`, which corrects it. */
export interface Settlement {
  readonly id: string;
  readonly as: "settled" | "released" | "unknown";
  /** What was really used on each account, in the reservation's order; ignored for the others. */
  readonly amounts: readonly number[];
}

/** `applied` is false when the reservation had ended already, or never was. */
export interface SettleResult {
  readonly applied: boolean;
  readonly balances: readonly Balance[];
}

/** Asks for a slice of an account to spend without asking again. */
export interface LeaseRequest {
  readonly id: string;
  readonly account: AccountRef;
  readonly amount: number;
  /** Less than this is refused rather than granted. */
  readonly minimum: number;
  readonly ttlMs: number;
  readonly atMs: number;
}

/** A slice, fenced by its id; spend nothing from it after `expiresAtMs` by the store's clock. */
export type LeaseResult =
  | { readonly kind: "granted"; readonly amount: number; readonly expiresAtMs: number }
  | { readonly kind: "refused"; readonly remaining: number };

/** Gives a lease back: what was spent, what is unknown; the rest returns to its own window. */
export interface LeaseReturn {
  readonly id: string;
  readonly settled: number;
  readonly unknown: number;
}

/** Every reply carries the newest kill epoch, so that a lost kill message is bounded by traffic. */
export interface LedgerReply<T> {
  readonly killEpoch: number;
  readonly results: readonly T[];
}

/**
 * Keeps balances so that `settled + held + leased + unknown ≤ limit` at every step, however many
 * calls and processes there are. Each method takes a batch and is atomic for each item of it:
 * check, then hold; never increment then roll back.
 */
export interface Ledger {
  /** Whether balances survive this process. */
  readonly durable: boolean;
  /** Resolves after migration and recovery; nothing is reserved before. */
  ready(): MaybePromise<void>;
  reserve(batch: readonly Reservation[]): MaybePromise<LedgerReply<ReserveResult>>;
  /** From here on the provider may bill: expiry charges instead of releasing. */
  dispatch(ids: readonly string[]): MaybePromise<LedgerReply<boolean>>;
  settle(batch: readonly Settlement[]): MaybePromise<LedgerReply<SettleResult>>;
  balances(accounts: readonly AccountRef[]): MaybePromise<LedgerReply<Balance>>;
  lease(batch: readonly LeaseRequest[]): MaybePromise<LedgerReply<LeaseResult>>;
  returnLeases(batch: readonly LeaseReturn[]): MaybePromise<LedgerReply<boolean>>;
  close(): MaybePromise<void>;
}
