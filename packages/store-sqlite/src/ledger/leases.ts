import type { LeaseRequest, LeaseResult, LeaseReturn, Ledger } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { encodeText } from "../database/text.ts";
import type { Account } from "./account.ts";
import type { AccountTable } from "./account-table.ts";
import { isAmount, MAX, toInstant } from "./amount.ts";

type LeaseReturnResult = Awaited<ReturnType<Ledger["returnLeases"]>>["results"][number];

/** Column `state`. */
const OUT = 0;
/** Nothing is leased any more: what a return keeps is unknown, until a later one. */
const EXPIRED = 1;
const OVER = 2;

/** How long the truth of an expired lease may still arrive, in ms. */
const UNKNOWN_KEPT_MS = 30 * 86_400_000;

interface Lease {
  readonly id: string;
  readonly account: number;
  state: number;
  due_at_ms: number;
  expires_at_ms: number;
  readonly granted: number;
  revision: number;
  leased: number;
  settled: number;
  unknown: number;
  /** Where a rolling window counts what is unknown. */
  unknown_at_ms: number;
  /** The part of `unknown` that a correction of the account has counted: not charged any more. */
  known: number;
  /** How often the account had been corrected when that was worked out. */
  corrections: number;
}

interface Figures {
  readonly settled: number;
  readonly unknown: number;
  readonly kept: number;
}

const NOT_APPLIED: LeaseReturnResult = {
  applied: false,
  balance: undefined,
  spentBefore: undefined,
  expiresAtMs: undefined,
};

const COLUMNS =
  "id, account, state, due_at_ms, expires_at_ms, granted, revision, leased, settled, unknown, unknown_at_ms, corrections, known";
const FIND = `SELECT ${COLUMNS} FROM lease WHERE id = ?`;
const INSERT = `INSERT INTO lease (${COLUMNS}) VALUES (?, ?, ${OUT}, ?, ?, ?, 0, ?, 0, 0, ?, ?, 0)`;
const UPDATE = `UPDATE lease SET state = ?, due_at_ms = ?, expires_at_ms = ?, revision = ?, leased = ?,
  settled = ?, unknown = ?, unknown_at_ms = ?, corrections = ?, known = ? WHERE id = ?`;
const DELETE = "DELETE FROM lease WHERE id = ?";
const DUE = `SELECT ${COLUMNS} FROM lease WHERE state = ${OUT} AND due_at_ms <= ?
  ORDER BY due_at_ms LIMIT ?`;
const FORGOTTEN = `SELECT ${COLUMNS} FROM lease WHERE state >= ${EXPIRED} AND due_at_ms <= ?
  ORDER BY due_at_ms LIMIT ?`;

/** Slices of accounts that are out, within one transaction. */
export class Leases {
  readonly #connection: Connection;
  readonly #table: AccountTable;
  readonly #nowMs: number;

  constructor(connection: Connection, table: AccountTable, nowMs: number) {
    this.#connection = connection;
    this.#table = table;
    this.#nowMs = nowMs;
  }

  grant(request: LeaseRequest): LeaseResult {
    const account = this.#table.open(request.account);
    const out = this.#find(request.id);
    if (out !== undefined) return this.#grantAgain(out, account);
    const slotMs = account.update(request.account, request.atMs, this.#nowMs);
    const ends = Math.min(this.#nowMs + request.ttlMs, account.endsAtMs);
    const isInTime = ends > this.#nowMs && account.endsAtMs > request.atMs;
    const room = isInTime ? account.room : 0;
    const amount = sizeOf(request, room);
    if (amount === undefined) return { kind: "refused", remaining: room };
    const expiresAtMs = toInstant(ends);
    account.leased += amount;
    account.open++;
    const id = encodeText(request.id);
    const { corrections } = account;
    this.#connection
      .prepare(INSERT)
      .run(id, account.id, expiresAtMs, expiresAtMs, amount, amount, slotMs, corrections);
    return { kind: "granted", amount, expiresAtMs, balance: account.balance() };
  }

  takeBack(given: LeaseReturn): LeaseReturnResult {
    const lease = this.#find(given.id);
    if (lease === undefined || lease.state === OVER || !(given.revision > lease.revision)) {
      return NOT_APPLIED;
    }
    const account = this.#table.byId(lease.account);
    if (account === undefined) return NOT_APPLIED;
    if (lease.state === OUT && lease.expires_at_ms <= this.#nowMs) this.#expire(lease, account);
    const slotMs = account.slotAt(given.atMs);
    const spentBefore = account.spent;
    record(lease, account, figuresOf(given, lease), slotMs);
    lease.revision = given.revision;
    if (lease.leased > 0) this.#prolong(lease, account, given.ttlMs);
    else if (lease.unknown === 0) this.#end(lease, account);
    this.#write(lease);
    const expiresAtMs = lease.leased > 0 ? lease.expires_at_ms : undefined;
    return { applied: true, balance: account.balance(), spentBefore, expiresAtMs };
  }

  /** Charges what leases kept that were not returned in time; at most `limit` of them. */
  expire(limit: number): void {
    for (const lease of this.#connection.prepare(DUE).all(this.#nowMs, limit) as Lease[]) {
      const account = this.#table.byId(lease.account);
      if (account === undefined) this.#connection.prepare(DELETE).run(lease.id);
      else this.#expire(lease, account);
    }
  }

  /** Forgets what ended long ago; what is still unknown then stays charged for good. */
  forget(limit: number): void {
    for (const lease of this.#connection.prepare(FORGOTTEN).all(this.#nowMs, limit) as Lease[]) {
      const account = this.#table.byId(lease.account);
      if (account !== undefined && lease.state === EXPIRED) this.#chargeForGood(lease, account);
      this.#connection.prepare(DELETE).run(lease.id);
    }
  }

  #find(id: string): Lease | undefined {
    return this.#connection.prepare(FIND).get(encodeText(id)) as Lease | undefined;
  }

  /** The same slice, not a second one; nothing once it is over. */
  #grantAgain(lease: Lease, account: Account): LeaseResult {
    if (lease.state !== OUT || lease.leased === 0 || lease.expires_at_ms <= this.#nowMs) {
      return { kind: "refused", remaining: account.room };
    }
    const { granted: amount, expires_at_ms: expiresAtMs } = lease;
    return { kind: "granted", amount, expiresAtMs, balance: account.balance() };
  }

  /** Its id stays taken until it would have expired. */
  #end(lease: Lease, account: Account): void {
    account.open--;
    lease.due_at_ms = Math.max(this.#nowMs, lease.expires_at_ms);
    lease.state = OVER;
  }

  /** To no later than the end of its window. */
  #prolong(lease: Lease, account: Account, ttlMs: number | undefined): void {
    if (ttlMs === undefined || Number.isNaN(ttlMs)) return;
    const latest = Math.max(lease.expires_at_ms, this.#nowMs + ttlMs);
    lease.expires_at_ms = toInstant(Math.min(account.endsAtMs, latest));
    lease.due_at_ms = lease.expires_at_ms;
  }

  /** What it has not told of is unknown from now on. */
  #expire(lease: Lease, account: Account): void {
    const { settled, unknown, leased } = lease;
    const slotMs = account.slotAt(this.#nowMs);
    record(lease, account, { settled, unknown: sumOf(unknown, leased), kept: 0 }, slotMs);
    lease.state = EXPIRED;
    lease.due_at_ms = this.#nowMs + UNKNOWN_KEPT_MS;
    this.#write(lease);
  }

  #chargeForGood(lease: Lease, account: Account): void {
    const charged = lease.unknown - knownOf(lease, account);
    account.addUnknown(-charged, lease.unknown_at_ms);
    account.settle(charged, lease.unknown_at_ms);
    account.open--;
  }

  #write(lease: Lease): void {
    this.#connection
      .prepare(UPDATE)
      .run(
        lease.state,
        toInstant(lease.due_at_ms),
        lease.expires_at_ms,
        lease.revision,
        lease.leased,
        lease.settled,
        lease.unknown,
        lease.unknown_at_ms,
        lease.corrections,
        lease.known,
        lease.id,
      );
  }
}

/** Brings an account from what its lease had told of to what it tells of now. */
function record(lease: Lease, account: Account, figures: Figures, slotMs: number): void {
  const { settled, unknown, kept } = figures;
  const knownBefore = knownOf(lease, account);
  const known = Math.min(knownBefore, unknown);
  const returned = lease.leased - kept;
  account.leased -= returned;
  account.settle(newlySettled(settled - lease.settled, knownBefore - known, returned), slotMs);
  account.addUnknown(knownBefore - lease.unknown, lease.unknown_at_ms);
  account.addUnknown(unknown - known, slotMs);
  Object.assign(lease, { settled, unknown, leased: kept, unknown_at_ms: slotMs, known });
  lease.corrections = account.corrections;
}

/** All that was unknown when the account was corrected is known since. */
function knownOf(lease: Lease, account: Account): number {
  return lease.corrections === account.corrections ? lease.known : lease.unknown;
}

/**
 * What a return charges as settled. Truths about what a correction has counted change nothing, as
 * far as they can be told apart: what may have come out of `returned` is charged, never less.
 */
function newlySettled(settled: number, truths: number, returned: number): number {
  return Math.max(settled - truths, Math.min(settled, returned));
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
    return { settled: lease.settled, unknown: sumOf(lease.unknown, lease.leased), kept: 0 };
  }
  const total = Math.max(settled, lease.settled);
  if (lease.state === EXPIRED) {
    return { settled: total, unknown: sumOf(unknown, kept), kept: 0 };
  }
  return { settled: total, unknown, kept: Math.min(kept, lease.leased) };
}

/** As far as it is exact: a column takes no more. */
function sumOf(one: number, other: number): number {
  return Math.min(MAX, one + other);
}
