import { isAmount } from "./amount.ts";
import type {
  AccountRef,
  Balance,
  Correction,
  CorrectionResult,
  LateCharge,
  LateChargeResult,
  Ledger,
  LedgerReply,
} from "./ledger.ts";
import { type AccountCaps, MemoryAccountTable } from "./memory-account-table.ts";
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

/** Ids of charges that are remembered, so that none is charged twice. */
const MAX_CHARGED = 10_000;
const NOT_CHARGED: LateChargeResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
});
const NOTHING: Balance = Object.freeze({ settled: 0, held: 0, leased: 0, unknown: 0 });
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
  const killEpoch = options.killEpoch ?? (() => 0);
  const reply = <T>(results: readonly T[]): LedgerReply<T> => ({ killEpoch: killEpoch(), results });

  function balance(ref: AccountRef, atMs: number | undefined): Balance {
    const account = table.find(ref);
    if (account === undefined) return NOTHING;
    if (atMs !== undefined) account.advance(atMs);
    return account;
  }

  /** Ids that were charged, the oldest first. */
  const charged = new Set<string>();

  function charge({ id, account: ref, amount, atMs }: LateCharge): LateChargeResult {
    const account = charged.has(id) ? undefined : table.open(ref, atMs);
    if (account === undefined || !isAmount(amount)) return NOT_CHARGED;
    const slice = account.update(ref, atMs);
    const spentBefore = account.settled + account.unknown;
    account.settle(amount, slice);
    charged.add(id);
    const [oldest] = charged;
    if (charged.size > MAX_CHARGED) charged.delete(oldest as string);
    return { applied: true, balance: account, spentBefore };
  }

  function correct({ account: ref, settled }: Correction): CorrectionResult {
    const account = table.open(ref, Number.NEGATIVE_INFINITY);
    if (account === undefined || ref.window.kind === "rolling" || !isAmount(settled)) {
      return { before: NOTHING, after: NOTHING };
    }
    const before = copyOf(account);
    account.correct(settled);
    return { before, after: copyOf(account) };
  }

  return {
    durable: false,
    windows: "guard",
    ready: () => undefined,
    reserve: (batch) => reply(batch.map((request) => reservations.reserve(request))),
    dispatch: (ids) => reply(ids.map((id) => reservations.has(id))),
    settle: (batch) => reply(batch.map((end) => reservations.settle(end))),
    balances: (accounts, atMs) => reply(accounts.map((ref) => balance(ref, atMs))),
    lease: (batch) => reply(batch.map((request) => leases.grant(request))),
    returnLeases: (batch) => reply(batch.map((given) => leases.takeBack(given))),
    charge: (batch) => reply(batch.map((given) => charge(given))),
    correct: (batch) => reply(batch.map((given) => correct(given))),
    forgotten: () => table.forgotten,
    close: () => undefined,
  };
}

function copyOf({ settled, held, leased, unknown }: Balance): Balance {
  return { settled, held, leased, unknown };
}
