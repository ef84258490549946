import type {
  AccountRef,
  Balance,
  LeaseRequest,
  LeaseResult,
  LeaseReturn,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "./ledger.ts";
import type { MemoryAccount } from "./memory-account.ts";
import { type AccountCaps, MemoryAccountTable } from "./memory-account-table.ts";

/** What the in-memory ledger may be told. */
export interface MemoryLedgerOptions {
  /** Newest kill epoch, so that replies can carry it. */
  readonly killEpoch?: () => number;
  readonly caps?: Partial<AccountCaps>;
}

interface Hold {
  readonly accounts: readonly MemoryAccount[];
  readonly slices: readonly number[];
  readonly amounts: readonly number[];
  state: "held" | "unknown";
}

interface Lease {
  readonly account: MemoryAccount;
  readonly slice: number;
  readonly amount: number;
}

const NOTHING: Balance = Object.freeze({ settled: 0, held: 0, leased: 0, unknown: 0 });
const NOT_APPLIED: SettleResult = Object.freeze({ applied: false, balances: [] });
const DUPLICATE: ReserveResult = Object.freeze({ kind: "duplicate" });
const DEFAULT_CAPS: AccountCaps = { ephemeral: 10_000, lasting: 100_000, orgs: 10_000 };

/**
 * The ledger of one process, synchronous: each method runs to its end before anything else does,
 * which makes check-then-hold one step. Nothing survives the process.
 */
export function createMemoryLedger(options: MemoryLedgerOptions = {}): Ledger {
  const caps = { ...DEFAULT_CAPS, ...options.caps };
  const table = new MemoryAccountTable(caps);
  const holds = new Map<string, Hold>();
  const leases = new Map<string, Lease>();
  const killEpoch = options.killEpoch ?? (() => 0);
  const reply = <T>(results: readonly T[]): LedgerReply<T> => ({ killEpoch: killEpoch(), results });

  function reserve(request: Reservation): ReserveResult {
    if (holds.has(request.id)) return DUPLICATE;
    const accounts: MemoryAccount[] = [];
    const slices: number[] = [];
    for (const ref of request.accounts) {
      const account = table.open(ref, request.atMs);
      if (account === undefined) {
        return { kind: "full", key: ref.key, cap: ref.ephemeral ? caps.ephemeral : caps.lasting };
      }
      slices.push(account.open(ref, request.atMs));
      accounts.push(account);
    }
    const index = firstThatDoesNotFit(accounts, request.amounts);
    if (index >= 0) return { kind: "refused", index, balances: accounts };
    for (let i = 0; i < accounts.length; i++) {
      const account = accounts[i] as MemoryAccount;
      account.held += request.amounts[i] as number;
    }
    holds.set(request.id, { accounts, slices, amounts: request.amounts, state: "held" });
    return { kind: "reserved", balances: accounts };
  }

  function settle(end: Settlement): SettleResult {
    const hold = holds.get(end.id);
    if (hold === undefined || (hold.state === "unknown" && end.as === "unknown"))
      return NOT_APPLIED;
    for (let i = 0; i < hold.accounts.length; i++) endHold(hold, i, end);
    if (end.as === "unknown") hold.state = "unknown";
    else holds.delete(end.id);
    return { applied: true, balances: hold.accounts };
  }

  function lease(request: LeaseRequest): LeaseResult {
    const account = table.open(request.account, request.atMs);
    if (account === undefined) return { kind: "refused", remaining: 0 };
    const slice = account.open(request.account, request.atMs);
    const room = account.limit - account.settled - account.held - account.leased - account.unknown;
    const amount = Math.min(room, request.amount);
    if (amount < request.minimum || leases.has(request.id)) {
      return { kind: "refused", remaining: Math.max(0, room) };
    }
    account.leased += amount;
    leases.set(request.id, { account, slice, amount });
    return { kind: "granted", amount, expiresAtMs: request.atMs + request.ttlMs };
  }

  function returnLease(end: LeaseReturn): boolean {
    const found = leases.get(end.id);
    if (found === undefined) return false;
    leases.delete(end.id);
    found.account.leased -= found.amount;
    found.account.settle(end.settled, found.slice);
    found.account.addUnknown(end.unknown, found.slice);
    return true;
  }

  function balance(ref: AccountRef): Balance {
    return table.find(ref) ?? NOTHING;
  }

  return {
    durable: false,
    ready: () => undefined,
    reserve: (batch) => reply(batch.map(reserve)),
    dispatch: (ids) => reply(ids.map((id) => holds.has(id))),
    settle: (batch) => reply(batch.map(settle)),
    balances: (accounts) => reply(accounts.map(balance)),
    lease: (batch) => reply(batch.map(lease)),
    returnLeases: (batch) => reply(batch.map(returnLease)),
    close: () => undefined,
  };
}

/** Takes a hold off one account, and puts what became of it there. */
function endHold(hold: Hold, index: number, end: Settlement): void {
  const account = hold.accounts[index] as MemoryAccount;
  const reserved = hold.amounts[index] as number;
  const slice = hold.slices[index] as number;
  if (hold.state === "unknown") account.addUnknown(-reserved, slice);
  else account.held -= reserved;
  if (end.as === "settled") account.settle(end.amounts[index] as number, slice);
  else if (end.as === "unknown") account.addUnknown(reserved, slice);
}

function firstThatDoesNotFit(
  accounts: readonly MemoryAccount[],
  amounts: readonly number[],
): number {
  // One account may appear twice (nested tasks of one id): its amounts add up.
  for (let i = 0; i < accounts.length; i++) {
    const account = accounts[i] as MemoryAccount;
    let amount = amounts[i] as number;
    for (let j = 0; j < i; j++) if (accounts[j] === account) amount += amounts[j] as number;
    if (!account.fits(amount)) return i;
  }
  return -1;
}
