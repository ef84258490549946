import { isAmount } from "./amount.ts";
import type { LeaseRequest, LeaseResult, LeaseReturn, LeaseReturnResult } from "./ledger.ts";
import type { MemoryAccount } from "./memory-account.ts";
import type { MemoryAccountTable } from "./memory-account-table.ts";

interface Lease {
  readonly account: MemoryAccount;
  granted: Extract<LeaseResult, { kind: "granted" }>;
  revision: number;
  leased: number;
  settled: number;
  unknown: number;
  unknownSlice: number;
}

const NOT_APPLIED: LeaseReturnResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
  expiresAtMs: undefined,
});

/**
 * Slices of accounts that are out. Nothing here expires: a holder in this process that dies takes
 * the ledger with it.
 */
export class MemoryLeases {
  readonly #table: MemoryAccountTable;
  readonly #leases = new Map<string, Lease>();

  constructor(table: MemoryAccountTable) {
    this.#table = table;
  }

  grant(request: LeaseRequest): LeaseResult {
    const out = this.#leases.get(request.id);
    if (out !== undefined) return out.granted;
    this.#table.startRequest();
    const account = this.#table.open(request.account, request.atMs);
    if (account === undefined) return { kind: "refused", remaining: 0 };
    const unknownSlice = account.update(request.account, request.atMs);
    const expiresAtMs = Math.min(request.atMs + request.ttlMs, account.endsAtMs);
    const room = expiresAtMs > request.atMs ? Math.max(0, account.room) : 0;
    const amount = sizeOf(request, room);
    if (amount === undefined) return { kind: "refused", remaining: room };
    account.leased += amount;
    const granted: Lease["granted"] = { kind: "granted", amount, expiresAtMs, balance: account };
    const nothing = { revision: 0, settled: 0, unknown: 0, unknownSlice };
    this.#leases.set(request.id, { account, granted, leased: amount, ...nothing });
    return granted;
  }

  takeBack(given: LeaseReturn): LeaseReturnResult {
    const lease = this.#leases.get(given.id);
    if (lease === undefined || !(given.revision > lease.revision)) return NOT_APPLIED;
    const { account } = lease;
    const { settled, unknown, kept } = figuresOf(given, lease);
    const slice = account.sliceAt(given.atMs);
    const spentBefore = account.settled + account.unknown;
    account.leased -= lease.leased - kept;
    account.settle(settled - lease.settled, slice);
    account.addUnknown(-lease.unknown, lease.unknownSlice);
    account.addUnknown(unknown, slice);
    Object.assign(lease, { settled, unknown, leased: kept, unknownSlice: slice });
    lease.revision = given.revision;
    if (kept === 0 && unknown === 0) this.#leases.delete(given.id);
    else prolong(lease, given);
    const expiresAtMs = kept === 0 ? undefined : lease.granted.expiresAtMs;
    return { applied: true, balance: account, spentBefore, expiresAtMs };
  }
}

/** To no later than the end of its window. */
function prolong(lease: Lease, { atMs, ttlMs }: LeaseReturn): void {
  if (ttlMs === undefined) return;
  const { granted, account } = lease;
  const expiresAtMs = Math.min(account.endsAtMs, Math.max(granted.expiresAtMs, atMs + ttlMs));
  lease.granted = { ...granted, expiresAtMs };
}

/** As much as is asked for and fair, but not less than the minimum. */
function sizeOf(request: LeaseRequest, room: number): number | undefined {
  const { amount, minimum, maxShare } = request;
  if (!isAmount(amount) || !isAmount(minimum)) return undefined;
  const share = Math.max(minimum, Math.floor(room * maxShare));
  const granted = Math.min(amount, share, room);
  return granted >= Math.max(1, minimum) ? granted : undefined;
}

/** Totals never shrink, but for what was unknown; a lease never grows. */
function figuresOf(
  given: LeaseReturn,
  lease: Lease,
): { readonly settled: number; readonly unknown: number; readonly kept: number } {
  const { settled, unknown, kept } = given;
  if (!isAmount(settled) || !isAmount(unknown) || !isAmount(kept)) {
    return { settled: lease.settled, unknown: lease.unknown + lease.leased, kept: 0 };
  }
  return { settled: Math.max(settled, lease.settled), unknown, kept: Math.min(kept, lease.leased) };
}
