import type {
  AccountRef,
  Balance,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "./ledger.ts";
import { type AccountCaps, MemoryAccountTable } from "./memory-account-table.ts";
import { MemoryCharges } from "./memory-charges.ts";
import { correct, NOTHING } from "./memory-correction.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { MemoryReservations } from "./memory-reservations.ts";

/** Most of each thing that the ledger remembers. */
export interface MemoryLedgerCaps extends AccountCaps {
  /** Calls of unknown end that a late settle can still correct (default 2,000). */
  readonly unknown: number;
}

/** What the in-memory ledger may be told. */
export interface MemoryLedgerOptions {
  /** Newest kill epoch, so that replies can carry it. */
  readonly killEpoch?: () => number;
  readonly caps?: Partial<MemoryLedgerCaps>;
}

const DEFAULT_CAPS: MemoryLedgerCaps = {
  ephemeral: 10_000,
  lasting: 100_000,
  orgs: 10_000,
  unknown: 2_000,
};

/**
 * The ledger of one process, synchronous: each method runs to its end before anything else does,
 * which makes check-then-hold one step. Nothing survives the process.
 */
export function createMemoryLedger(options: MemoryLedgerOptions = {}): Ledger {
  const caps = { ...DEFAULT_CAPS, ...options.caps };
  const table = new MemoryAccountTable(caps);
  const reservations = new MemoryReservations(table, caps.unknown);
  const leases = new MemoryLeases(table);
  const charges = new MemoryCharges(table);
  const killEpoch = options.killEpoch ?? (() => 0);
  const reserve = (request: Reservation): ReserveResult => reservations.reserve(request);
  const settle = (end: Settlement): SettleResult => reservations.settle(end);
  const reply = <T>(results: readonly T[]): LedgerReply<T> => ({ killEpoch: killEpoch(), results });

  function balance(ref: AccountRef, atMs: number | undefined): Balance {
    const account = table.find(ref);
    if (account === undefined) return NOTHING;
    if (atMs !== undefined) account.advance(atMs);
    return account;
  }

  return {
    durable: false,
    windows: "guard",
    ready: () => undefined,
    reserve: (batch) => reply(each(batch, reserve)),
    dispatch: (ids) => reply(ids.map((id) => reservations.has(id))),
    settle: (batch) => reply(each(batch, settle)),
    balances: (accounts, atMs) => reply(accounts.map((ref) => balance(ref, atMs))),
    lease: (batch) => reply(batch.map((request) => leases.grant(request))),
    returnLeases: (batch) => reply(batch.map((given) => leases.takeBack(given))),
    charge: (batch) => reply(batch.map((given) => charges.charge(given))),
    correct: (batch) => reply(batch.map((given) => correct(table, given))),
    forgotten: () => table.forgotten,
    close: () => undefined,
  };
}

/** `batch.map`, for the batches of one that guards send: no closure, and no holes to look for. */
function each<T, R>(batch: readonly T[], one: (item: T) => R): R[] {
  const { length } = batch;
  const results = new Array<R>(length);
  for (let i = 0; i < length; i++) results[i] = one(batch[i] as T);
  return results;
}
