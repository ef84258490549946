import type { Balance, Reservation, ReserveResult, Settlement, SettleResult } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { encodeText } from "../database/text.ts";
import type { Account } from "./account.ts";
import type { AccountTable } from "./account-table.ts";
import { isAmount, toDuration } from "./amount.ts";
import type { Hold } from "./hold.ts";
import {
  DISPATCHED,
  ENDED,
  HELD,
  LAPSED,
  type ReservationRow,
  type ReservationRows,
  UNKNOWN,
} from "./reservation-rows.ts";

/** How long the truth of a call that was given up may still arrive, in ms. */
const LAPSED_KEPT_MS = 86_400_000;
const UNKNOWN_KEPT_MS = 30 * 86_400_000;

const NOT_APPLIED: SettleResult = { applied: false, balances: [], spentBefore: [] };
const NOTHING: Balance = { settled: 0, held: 0, leased: 0, unknown: 0 };

const EXPIRED = `SELECT id, state, due_at_ms, lasts_ms, holds, attempts FROM reservation
  WHERE state <= ${DISPATCHED} AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?`;
const CHARGED = `SELECT id, state, due_at_ms, lasts_ms, holds, attempts FROM reservation
  WHERE state = ${UNKNOWN} AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?`;
const FORGET = `DELETE FROM reservation WHERE id IN (SELECT id FROM reservation
  WHERE state > ${UNKNOWN} AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?)`;

/** Holds on accounts, by reservation, within one transaction. */
export class Reservations {
  readonly #connection: Connection;
  readonly #table: AccountTable;
  readonly #rows: ReservationRows;
  readonly #nowMs: number;

  constructor(connection: Connection, table: AccountTable, rows: ReservationRows, nowMs: number) {
    this.#connection = connection;
    this.#table = table;
    this.#rows = rows;
    this.#nowMs = nowMs;
  }

  reserve(request: Reservation): ReserveResult {
    const known = this.#rows.get(request.id);
    if (known !== undefined) return this.#share(known, request);
    const accounts: Account[] = [];
    const holds: Hold[] = [];
    for (const [index, ref] of request.accounts.entries()) {
      const account = this.#table.open(ref);
      const slotMs = account.update(ref, request.atMs, this.#nowMs);
      accounts.push(account);
      const amount = request.amounts[index] ?? Number.NaN;
      holds.push({ account: account.id, amount, slotMs, corrections: 0 });
    }
    const index = firstThatDoesNotFit(accounts, request.amounts);
    if (index >= 0) {
      return { kind: "refused", index, balances: accounts.map((account) => account.balance()) };
    }
    for (const [place, account] of accounts.entries()) {
      account.hold(request.amounts[place] as number);
    }
    const lastsMs = toDuration(request.expiresInMs);
    this.#rows.insert({
      id: encodeText(request.id),
      state: request.dispatched === true ? DISPATCHED : HELD,
      dueAtMs: this.#nowMs + lastsMs,
      lastsMs,
      holds,
      attempts: 1,
    });
    return { kind: "reserved", balances: accounts.map((account) => account.balance()) };
  }

  /** Another attempt of one call holds nothing of its own. */
  #share(row: ReservationRow, { once }: Reservation): ReserveResult {
    const isShared = once === true && row.state <= DISPATCHED;
    if (isShared) this.#rows.change(row, { attempts: row.attempts + 1 });
    return { kind: "duplicate" };
  }

  /** Whether the reservation is open; one that is overdue is not. Asked again it prolongs. */
  dispatch(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined || row.state > DISPATCHED || row.dueAtMs <= this.#nowMs) return false;
    const dueAtMs = Math.max(row.dueAtMs, this.#nowMs + row.lastsMs);
    this.#rows.change(row, { state: DISPATCHED, dueAtMs });
    return true;
  }

  settle(end: Settlement): SettleResult {
    const row = this.#rows.get(end.id);
    if (row === undefined || !isOpenFor(row.state, end.as)) return NOT_APPLIED;
    const isShare = end.once === true && end.as === "released";
    if (isShare && row.attempts > 1) {
      this.#rows.change(row, { attempts: row.attempts - 1 });
      return NOT_APPLIED;
    }
    const result = this.#end(row, end);
    if (isShare) this.#rows.forget(row);
    return result;
  }

  /** Gives back, or charges, what nobody ended in time; at most `limit` of them. */
  expire(limit: number): void {
    for (const row of this.#due(EXPIRED, limit)) {
      if (row.state === DISPATCHED) this.#end(row, { id: row.id, as: "unknown", amounts: [] });
      else this.#lapse(row);
    }
  }

  /** Forgets what ended long ago; what is still unknown then stays charged for good. */
  forget(limit: number): void {
    for (const row of this.#due(CHARGED, limit)) {
      this.#end(row, { id: row.id, as: "settled", amounts: [] });
      this.#rows.change(row, { dueAtMs: this.#nowMs });
    }
    this.#connection.prepare(FORGET).run(this.#nowMs, limit);
  }

  #due(sql: string, limit: number): ReservationRow[] {
    return this.#rows.read(sql, this.#nowMs, limit);
  }

  #end(row: ReservationRow, end: Settlement): SettleResult {
    const balances: Balance[] = [];
    const spentBefore: number[] = [];
    const accounts = row.holds.map((hold, index) => {
      const account = this.#table.byId(hold.account);
      spentBefore.push(account === undefined ? 0 : endHold(account, hold, row.state, end, index));
      return account;
    });
    for (const account of accounts) balances.push(account?.balance() ?? NOTHING);
    if (end.as === "unknown") this.#giveUp(row, accounts);
    else if (row.state <= DISPATCHED) this.#rows.end(row);
    else this.#endLate(row);
    return { applied: true, balances, spentBefore };
  }

  /** Its own due time was replaced when it was given up: the id stays taken as long once more. */
  #endLate(row: ReservationRow): void {
    this.#rows.change(row, { state: ENDED, dueAtMs: this.#nowMs + row.lastsMs, holds: [] });
  }

  #giveUp(row: ReservationRow, accounts: readonly (Account | undefined)[]): void {
    const holds = row.holds.map((hold, index) => {
      return { ...hold, corrections: accounts[index]?.corrections ?? 0 };
    });
    this.#rows.change(row, { state: UNKNOWN, dueAtMs: this.#nowMs + UNKNOWN_KEPT_MS, holds });
  }

  #lapse(row: ReservationRow): void {
    for (const hold of row.holds) {
      const account = this.#table.byId(hold.account);
      if (account === undefined) continue;
      account.isChanged = true;
      account.held -= hold.amount;
      account.open--;
    }
    this.#rows.change(row, { state: LAPSED, dueAtMs: this.#nowMs + LAPSED_KEPT_MS });
  }
}

/** What was given up may have been billed: it can be charged, not given back again. */
function isOpenFor(state: number, as: Settlement["as"]): boolean {
  if (state <= DISPATCHED) return true;
  if (state === UNKNOWN) return as === "settled";
  return state === LAPSED && as !== "released";
}

/** Takes a hold off one account, and puts what became of it there; says what was spent before. */
function endHold(
  account: Account,
  hold: Hold,
  state: number,
  end: Settlement,
  index: number,
): number {
  const { amount, slotMs } = hold;
  if (end.atMs !== undefined) account.advance(end.atMs);
  const before = account.spent;
  account.isChanged = true;
  account.open += (end.as === "unknown" ? 1 : 0) - (state === LAPSED ? 0 : 1);
  // The provider's figures count it already.
  if (state === UNKNOWN && hold.corrections !== account.corrections) return before;
  if (state === UNKNOWN) account.addUnknown(-amount, slotMs);
  else if (state !== LAPSED) account.held -= amount;
  const used = end.amounts[index];
  if (end.as === "settled") account.settle(isAmount(used) ? used : amount, slotMs);
  else if (end.as === "unknown") account.addUnknown(amount, slotMs);
  return before;
}

/** One account may appear twice (nested tasks of one id): its amounts add up. */
function firstThatDoesNotFit(accounts: readonly Account[], amounts: readonly number[]): number {
  for (let i = 0; i < accounts.length; i++) {
    const account = accounts[i] as Account;
    let amount = amounts[i] as number;
    if (!isAmount(amount)) return i;
    for (let j = 0; j < i; j++) if (accounts[j] === account) amount += amounts[j] as number;
    if (!account.fits(amount)) return i;
  }
  return -1;
}
