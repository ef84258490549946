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
  /** The part of `unknown` that a correction of the account has counted: not charged any more. */
  known: number;
  /** How often the account had been corrected when that was worked out. */
  corrections: number;
  /** Nothing is leased any more: what a return keeps is unknown, until a later one. */
  expired: boolean;
}

const NOT_APPLIED: LeaseReturnResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
  expiresAtMs: undefined,
});

/**
 * Slices of accounts that are out. Nothing here expires by itself: a holder in this process that
 * dies takes the ledger with it. A ledger with a clock says when, and what time it is.
 */
export class MemoryLeases {
  readonly #table: MemoryAccountTable;
  readonly #leases = new Map<string, Lease>();

  constructor(table: MemoryAccountTable) {
    this.#table = table;
  }

  grant(request: LeaseRequest, nowMs: number = request.atMs): LeaseResult {
    const out = this.#leases.get(request.id);
    if (out !== undefined) return out.granted;
    this.#table.startRequest();
    const account = this.#table.open(request.account, request.atMs);
    if (account === undefined) return { kind: "refused", remaining: 0 };
    const unknownSlice = account.update(request.account, request.atMs);
    const expiresAtMs = Math.min(nowMs + request.ttlMs, account.endsAtMs);
    const room = expiresAtMs > nowMs ? Math.max(0, account.room) : 0;
    const amount = sizeOf(request, room);
    if (amount === undefined) return { kind: "refused", remaining: room };
    account.leased += amount;
    const granted: Lease["granted"] = { kind: "granted", amount, expiresAtMs, balance: account };
    const { corrections } = account;
    const nothing = { revision: 0, settled: 0, unknown: 0, known: 0, expired: false };
    const lease = { account, granted, leased: amount, ...nothing, unknownSlice, corrections };
    this.#leases.set(request.id, lease);
    return granted;
  }

  takeBack(given: LeaseReturn, nowMs: number = given.atMs): LeaseReturnResult {
    const lease = this.#leases.get(given.id);
    if (lease === undefined || !(given.revision > lease.revision)) return NOT_APPLIED;
    const { account } = lease;
    const slice = account.sliceAt(given.atMs);
    const spentBefore = account.settled + account.unknown;
    record(lease, figuresOf(given, lease), slice);
    lease.revision = given.revision;
    if (isOver(lease)) this.#leases.delete(given.id);
    if (lease.leased > 0) prolong(lease, given.ttlMs, nowMs);
    const expiresAtMs = lease.leased > 0 ? lease.granted.expiresAtMs : undefined;
    return { applied: true, balance: account, spentBefore, expiresAtMs };
  }

  /** Ends the leases that are due: what they have not told of is unknown from now on. */
  expire(nowMs: number): void {
    for (const lease of this.#leases.values()) {
      if (lease.expired || lease.granted.expiresAtMs > nowMs) continue;
      const { settled, unknown, leased } = lease;
      record(lease, { settled, unknown: unknown + leased, kept: 0 }, lease.account.sliceAt(nowMs));
      lease.expired = true;
    }
  }
}

interface Figures {
  readonly settled: number;
  readonly unknown: number;
  readonly kept: number;
}

/** Brings an account from what its lease had told of to what it tells of now. */
function record(lease: Lease, { settled, unknown, kept }: Figures, slice: number): void {
  const { account } = lease;
  const knownBefore = knownOf(lease);
  const known = Math.min(knownBefore, unknown);
  const returned = lease.leased - kept;
  account.leased -= returned;
  account.settle(newlySettled(settled - lease.settled, knownBefore - known, returned), slice);
  account.addUnknown(knownBefore - lease.unknown, lease.unknownSlice);
  account.addUnknown(unknown - known, slice);
  Object.assign(lease, { settled, unknown, leased: kept, unknownSlice: slice, known });
  lease.corrections = account.corrections;
}

/** All that was unknown when the account was corrected is known since. */
function knownOf(lease: Lease): number {
  return lease.corrections === lease.account.corrections ? lease.known : lease.unknown;
}

/**
 * What a return charges as settled. Truths about what a correction has counted change nothing, as
 * far as they can be told apart: what may have come out of `returned` is charged, never less.
 */
function newlySettled(settled: number, truths: number, returned: number): number {
  return Math.max(settled - truths, Math.min(settled, returned));
}

/** To no later than the end of its window. */
function prolong(lease: Lease, ttlMs: number | undefined, nowMs: number): void {
  if (ttlMs === undefined) return;
  const { granted, account } = lease;
  const expiresAtMs = Math.min(account.endsAtMs, Math.max(granted.expiresAtMs, nowMs + ttlMs));
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
function figuresOf(given: LeaseReturn, lease: Lease): Figures {
  const { settled, unknown, kept } = given;
  if (!isAmount(settled) || !isAmount(unknown) || !isAmount(kept)) {
    return { settled: lease.settled, unknown: lease.unknown + lease.leased, kept: 0 };
  }
  const total = Math.max(settled, lease.settled);
  if (lease.expired) return { settled: total, unknown: unknown + kept, kept: 0 };
  return { settled: total, unknown, kept: Math.min(kept, lease.leased) };
}

/** No later return can say anything new. */
function isOver({ leased, unknown }: Lease): boolean {
  return leased === 0 && unknown === 0;
}
