import type { MaybePromise } from "../ports/maybe-promise.ts";

/** What a budget counts: nano-dollars, input + output tokens, or calls. All are whole numbers. */
export type BudgetUnit = "usd" | "tokens" | "calls";

/** The span that one balance covers. Fixed windows are half-open; `endsAtMs` may be Infinity. */
export type AccountWindow =
  | { readonly kind: "fixed"; readonly startsAtMs: number; readonly endsAtMs: number }
  | { readonly kind: "rolling"; readonly lengthMs: number; readonly sliceMs: number };

/**
 * What may be spent while the store does not answer. `deny`: nothing. `use-lease`: what this
 * process has leased, until that expires. `allow`: that, and so many calls beyond it, charged
 * afterwards.
 */
export type StoreOutageRule = "deny" | "use-lease" | { readonly allow: number };

/** One balance: a budget, for one value of its dimension, in one window. */
export interface AccountRef {
  /** Budget id and dimension value, unique in the ledger whatever the org. */
  readonly key: string;
  /**
   * Which window of that budget, and in which unit unless it is money: `2026-11-21`, `hour calls`.
   */
  readonly windowKey: string;
  readonly window: AccountWindow;
  readonly unit: BudgetUnit;
  readonly limit: number;
  /**
   * Grows with each change of the limit: an older version never overrides a newer one. At the same
   * version the latest request's limit applies, so that a changed configuration takes effect.
   */
  readonly limitVersion: number;
  /** Whose cap of accounts this one counts against. */
  readonly org: string;
  /** Task and session accounts may be dropped when idle; others are never forgotten early. */
  readonly ephemeral: boolean;
  /**
   * What calls may do while the store cannot be asked (default `deny`); guards read it, not stores.
   */
  readonly onStoreOutage?: StoreOutageRule;
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
  /** Whole numbers of 0 or more; anything else is refused. */
  readonly amounts: readonly number[];
  /** A store releases (or, once dispatched, charges) what nobody ended by then. */
  readonly expiresInMs: number;
  /** Decides the slice of a rolling window; an instant before the newest slice counts as in it. */
  readonly atMs: number;
  /**
   * Counts as dispatched at once, so that expiry charges it: for whoever sends without asking
   * again. It can still be ended as `released`.
   */
  readonly dispatched?: boolean;
  /**
   * Whoever asks with the same id again, from any process, is another attempt of the same call: it
   * is `duplicate` for `expiresInMs` at least, also after it has ended, and its first end counts.
   * What was released is not remembered: the next attempt holds the money anew.
   */
  readonly once?: boolean;
}

/** The answer to one reservation. A refusal carries every account's balance at that moment. */
export type ReserveResult =
  | { readonly kind: "reserved"; readonly balances: readonly Balance[] }
  /** The id is in use, or (durable ledgers) was, and its reservation would not have expired yet. */
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
  /**
   * What was really used on each account, in the reservation's order; ignored for the others. What
   * is no whole number of 0 or more charges all that was reserved.
   */
  readonly amounts: readonly number[];
  /**
   * The reservation was made `once`: its end may come from another process. One attempt that is
   * `released` gives back its own share alone: the money stays held, and this is not applied, until
   * every attempt that asked for it has.
   */
  readonly once?: boolean;
  /** Lets rolling windows move on before the balances are read; the charge stays in its slice. */
  readonly atMs?: number;
}

/** `applied` is false when the reservation had ended already, or never was. */
export interface SettleResult {
  readonly applied: boolean;
  readonly balances: readonly Balance[];
  /**
   * `settled + unknown` of each account right before, so that of several guards on one store the
   * one that crossed a threshold says so, once.
   */
  readonly spentBefore: readonly number[];
}

/** Asks for a slice of an account to spend without asking again. */
export interface LeaseRequest {
  /** Asking again with the id of a lease that is out gives the same slice, not a second one. */
  readonly id: string;
  readonly account: AccountRef;
  readonly amount: number;
  /** Less than this is refused rather than granted. */
  readonly minimum: number;
  /** At most this part of what is left (0 to 1) is granted, unless `minimum` is more. */
  readonly maxShare: number;
  readonly ttlMs: number;
  readonly atMs: number;
}

/**
 * A slice, fenced by its id; reserve nothing from it after `expiresAtMs` by the store's clock,
 * which is never after its window's end. What a store was not told by then becomes unknown, until a
 * late return corrects it.
 */
export type LeaseResult =
  | {
      readonly kind: "granted";
      readonly amount: number;
      readonly expiresAtMs: number;
      readonly balance: Balance;
    }
  | { readonly kind: "refused"; readonly remaining: number };

/**
 * Accounts for a lease so far. Totals, not differences, so that a lost or repeated message does no
 * harm. Usage above the lease is the truth and is charged. A figure that is no whole number of 0 or
 * more charges all that was leased as unknown. Once a lease has expired, what a return still keeps
 * is unknown until a later one; after a correction such a return is applied and changes nothing.
 */
export interface LeaseReturn {
  readonly id: string;
  /** 1 in the first return, then growing: a ledger ignores what it has seen, and older. */
  readonly revision: number;
  /** Used since the grant. */
  readonly settled: number;
  /** Dispatched since the grant, and not known how it ended; may shrink as the truth arrives. */
  readonly unknown: number;
  /**
   * Still held by calls in flight, or to be spent: stays leased. The rest returns to its own
   * window. A lease of which nothing is kept or unknown is over.
   */
  readonly kept: number;
  /** Where a rolling window counts what is new in this return: no earlier than it was spent. */
  readonly atMs: number;
  /**
   * Prolongs a lease that keeps something to at least this long from now, but not beyond its
   * window's end. Left out, and for a lease that has expired, the expiry stays.
   */
  readonly ttlMs?: number;
}

/** `applied` is false when the lease is over, never was, or a newer return of it was seen. */
export interface LeaseReturnResult {
  readonly applied: boolean;
  readonly balance: Balance | undefined;
  /** `settled + unknown` right before, as for a settlement; undefined when it was not applied. */
  readonly spentBefore: number | undefined;
  /** Until when the lease may be spent from now; undefined when it is over, or was not applied. */
  readonly expiresAtMs: number | undefined;
}

/**
 * Money that is gone already, without a reservation: it is not asked whether it fits, and may leave
 * the account over its limit.
 */
export interface LateCharge {
  /** Charged once, also when it is asked again within `rememberMs`. */
  readonly id: string;
  readonly account: AccountRef;
  readonly amount: number;
  /** The slice of a rolling window that it belongs to. */
  readonly atMs: number;
  readonly rememberMs: number;
}

/** `applied` is false when the id was charged before, or the ledger has no room for the account. */
export interface LateChargeResult {
  readonly applied: boolean;
  readonly balance: Balance | undefined;
  readonly spentBefore: number | undefined;
}

/**
 * The provider's word on one account: what its calls that have ended really used. Replaces what is
 * settled and what is unknown; held and leased money stays. Only for fixed windows.
 *
 * What a lease that is out had reported as unknown is known since: reporting it again charges
 * nothing. A later return charges `max(S - R, min(S, D))`, where S is newly settled, R what went
 * away of that unknown, and D what left `kept`.
 */
export interface Correction {
  readonly account: AccountRef;
  readonly settled: number;
}

/** The balance before and after; an end that arrives later for what was unknown changes nothing. */
export interface CorrectionResult {
  readonly before: Balance;
  readonly after: Balance;
}

/** Every reply carries the newest kill epoch, so that a lost kill message is bounded by traffic. */
export interface LedgerReply<T> {
  readonly killEpoch: number;
  /**
   * The store's wall clock, from which `expiresAtMs` counts. Left out where nothing expires.
   */
  readonly nowMs?: number;
  readonly results: readonly T[];
}

/**
 * Keeps balances so that `settled + held + leased + unknown ≤ limit` at every step, however many
 * calls and processes there are. Each method takes a batch and is atomic for each item of it, in
 * order: check, then hold; never increment then roll back.
 */
export interface Ledger {
  /** Whether balances survive this process. */
  readonly durable: boolean;
  /**
   * Whose wall clock decides windows. `store`: a server's, told in `nowMs`, so that a fleet agrees.
   * `guard`: each guard's own, for ledgers of one machine.
   */
  readonly windows: "store" | "guard";
  /** Resolves after migration and recovery; nothing is reserved before. */
  ready(): MaybePromise<void>;
  reserve(batch: readonly Reservation[]): MaybePromise<LedgerReply<ReserveResult>>;
  /**
   * From here on the provider may bill: expiry charges instead of releasing. Asked again it
   * prolongs: the reservation expires no sooner than its `expiresInMs` from now. False when it has
   * ended.
   */
  dispatch(ids: readonly string[]): MaybePromise<LedgerReply<boolean>>;
  settle(batch: readonly Settlement[]): MaybePromise<LedgerReply<SettleResult>>;
  /** Without `atMs` a rolling window is shown as it was when it was last used. */
  balances(accounts: readonly AccountRef[], atMs?: number): MaybePromise<LedgerReply<Balance>>;
  lease(batch: readonly LeaseRequest[]): MaybePromise<LedgerReply<LeaseResult>>;
  returnLeases(batch: readonly LeaseReturn[]): MaybePromise<LedgerReply<LeaseReturnResult>>;
  /** Records what was spent without asking. */
  charge(batch: readonly LateCharge[]): MaybePromise<LedgerReply<LateChargeResult>>;
  /** Takes the provider's figures for the truth. */
  correct(batch: readonly Correction[]): MaybePromise<LedgerReply<CorrectionResult>>;
  /**
   * How many accounts of tasks and sessions made room for others though something was spent on
   * them: if one of these goes on, it starts from its whole limit. Left out where that cannot
   * happen.
   */
  forgotten?(): number;
  close(): MaybePromise<void>;
}
