import type { KillLog } from "../../kill/kill-log.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { MaybePromise } from "../../ports/maybe-promise.ts";
import type { Store } from "../../ports/store.ts";
import type { RegisterTest } from "../adapter-contract/driver.ts";

/** What the cases about time and load need to know of a ledger. */
export interface LedgerTrial {
  /**
   * Lets the store's own clock pass, by really waiting or by moving a clock that the store was
   * given. Cases on the expiry of reservations and leases run only with it; in all others the
   * contract gives the time (`atMs`), and no expiry is nearer than an hour.
   */
  passTime?(ms: number): MaybePromise<void>;
  /** The instant at which each case starts, in epoch ms (default: the machine's wall clock). */
  nowMs?(): number;
  /** Reservations at once in the largest case (default 10,000). */
  readonly concurrency?: number;
  /** For durable stores: the crash cases run only with it. */
  readonly crash?: CrashTrial;
}

/** A ledger whose process, or whose line to its data, can be made to break. */
export interface BreakingLedger {
  readonly ledger: Ledger;
  /** From now on: the next question (or the first that gets so far) breaks. */
  breakNext(): MaybePromise<void>;
  /**
   * Whether one has broken. Its answer may come all the same, where a client asks again by itself.
   */
  hasBroken(): boolean;
}

/** How the crash cases break a store. */
export interface CrashTrial {
  /** Where a question can break, in words that follow "a store that breaks"; each is a case. */
  readonly steps: readonly string[];
  /**
   * Opens the data of the ledger made last once more, beside it, to be broken at a step. One that
   * broke is closed, and another opened.
   */
  open(step: string): MaybePromise<BreakingLedger>;
  /** Random histories of each step (default 5), the same in every run. */
  readonly histories?: number;
  /**
   * Tries histories in its own way, such as fast-check's, which looks for the shortest that fails:
   * calls `check` with lists of whole numbers of 0 or more. Left out, the contract makes them.
   */
  explore?(check: (choices: readonly number[]) => Promise<void>): Promise<void>;
}

/** Options of `ledgerContract`. */
export interface LedgerContractOptions extends LedgerTrial {
  readonly test: RegisterTest;
  /**
   * Makes a ledger, once a case; the contract waits for `ready` and closes it. Keys and ids are
   * unique over all cases and runs, so that one server can serve them all.
   */
  createLedger(): MaybePromise<Ledger>;
  /**
   * For durable ledgers: opens the data of the ledger made last once more, either after it was
   * closed (a restart) or beside it (another process).
   */
  reopen?(): MaybePromise<Ledger>;
}

/** Options of `killLogContract`. */
export interface KillLogContractOptions {
  readonly test: RegisterTest;
  /** Makes a kill log, once a case. It may have lines already; nobody else appends meanwhile. */
  createKillLog(): MaybePromise<KillLog>;
  /**
   * For durable logs: opens the data of the log made last once more, after `close` or beside it.
   */
  reopen?(): MaybePromise<KillLog>;
  /** Closes every log that was opened; called at the end of a case, and before a restart. */
  close?(): MaybePromise<void>;
}

/** Options of `fleetContract`, `stateContract` and `outboxContract`. */
export interface PortContractOptions<P> extends Pick<LedgerTrial, "passTime" | "nowMs"> {
  readonly test: RegisterTest;
  /**
   * Opens the port, once a case. Names are unique over all cases and runs, so that one store can
   * serve them all. `undefined`: this store has none, and the case passes.
   */
  create(): MaybePromise<P | undefined>;
  /** For durable stores: opens the data of the port made last once more, beside it. */
  reopen?(): MaybePromise<P | undefined>;
  /** Closes everything that was opened; called at the end of a case. */
  close?(): MaybePromise<void>;
}

/** Options of `storeContract`. */
export interface StoreContractOptions extends LedgerTrial {
  readonly test: RegisterTest;
  /** Makes a store, once a case. Closing its ledger closes all of it. */
  createStore(): MaybePromise<Store>;
  /** For durable stores: opens the data of the store made last once more, closed or not. */
  reopen?(): MaybePromise<Store>;
}
