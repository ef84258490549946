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
  /** For durable logs: opens the data of the log made last once more, after `close` or beside it. */
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
