import type {
  AccountRef,
  Balance,
  Correction,
  CorrectionResult,
  LedgerReply,
} from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import type { Connection } from "../database/connection.ts";
import { AccountTable } from "./account-table.ts";
import { isAmount } from "./amount.ts";
import { Charges } from "./charges.ts";
import { Leases } from "./leases.ts";
import { ReservationRows } from "./reservation-rows.ts";
import { Reservations } from "./reservations.ts";

/** Most of what is due that one round trip ends by the way. */
const EXPIRED_AT_ONCE = 64;
/** Most of what is over that it forgets: more than a round trip brings. */
const FORGOTTEN_AT_ONCE = 1_000;
const NOTHING: Balance = { settled: 0, held: 0, leased: 0, unknown: 0 };
const DUE = `SELECT EXISTS (SELECT 1 FROM reservation WHERE due_at_ms <= ?) AS reservations,
  EXISTS (SELECT 1 FROM lease WHERE due_at_ms <= ?) AS leases,
  EXISTS (SELECT 1 FROM charge WHERE due_at_ms <= ?) AS charges`;
const HEAD = "SELECT max(epoch) AS epoch FROM kill_log";

/** Of what there is something to sweep: 1 or 0. */
interface Due {
  readonly reservations: number;
  readonly leases: number;
  readonly charges: number;
}

/** What one transaction works with. */
interface Desk {
  readonly table: AccountTable;
  readonly reservations: Reservations;
  readonly leases: Leases;
  readonly charges: Charges;
}

/**
 * Carries operations out, each call in one transaction: what is due first, then each item by
 * itself, in order. One commit for all of them is what makes a busy ledger fast; what it knows of
 * accounts and open reservations it remembers for as long as nobody else changes the file.
 */
export class OperationRunner {
  readonly #connection: Connection;
  readonly #table: AccountTable;
  readonly #rows: ReservationRows;
  /** Of the file when what is remembered was read. */
  #version: number | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#table = new AccountTable(connection);
    this.#rows = new ReservationRows(connection);
  }

  run(operations: readonly LedgerOperation[], nowMs: number): LedgerReply<unknown>[] {
    try {
      return this.#connection.transaction(() => this.#carryOut(operations, nowMs));
    } catch (error) {
      this.forget(); // of what was undone
      throw error;
    }
  }

  /** Reads everything anew: this connection has changed accounts or reservations by other means. */
  forget(): void {
    this.#table.clear();
    this.#rows.clear();
  }

  #carryOut(operations: readonly LedgerOperation[], nowMs: number): LedgerReply<unknown>[] {
    const [connection, table, rows] = [this.#connection, this.#table, this.#rows];
    this.#forgetIfOthersWrote();
    table.begin(nowMs);
    const reservations = new Reservations(connection, table, rows, nowMs);
    const leases = new Leases(connection, table, nowMs);
    const charges = new Charges(connection, table, nowMs);
    const desk = { table, reservations, leases, charges };
    sweep(connection, desk, nowMs);
    rows.flush();
    rows.load(operations.flatMap(reservationsOf));
    const results = operations.map((operation) => carryOut(desk, operation));
    rows.flush();
    rows.finish();
    table.flush();
    table.end();
    const killEpoch = newestEpoch(connection);
    return results.map((answers) => ({ killEpoch, nowMs, results: answers }));
  }

  /**
   * Within the transaction nobody else writes: asked at its beginning, the answer holds to its end.
   */
  #forgetIfOthersWrote(): void {
    const row = this.#connection.prepare("PRAGMA data_version").get();
    const { data_version: version } = row as { readonly data_version: number };
    if (version !== this.#version) this.forget();
    this.#version = version;
  }
}

/** Number of the newest line of the kill log; asked outside of transactions, too. */
export function newestEpoch(connection: Connection): number {
  const row = connection.retry(() => connection.prepare(HEAD).get());
  return (row as { readonly epoch: number | null }).epoch ?? 0;
}

/** Ids of the reservations that an operation names. */
function reservationsOf(operation: LedgerOperation): readonly string[] {
  if (operation.method === "dispatch") return operation.batch;
  if (operation.method !== "reserve" && operation.method !== "settle") return [];
  return operation.batch.map(({ id }) => id);
}

/** Ends what has expired and forgets what is over, if there is any of it: mostly there is none. */
function sweep(connection: Connection, desk: Desk, nowMs: number): void {
  const { reservations, leases, charges } = desk;
  const due = connection.prepare(DUE).get(nowMs, nowMs, nowMs) as Due;
  if (due.reservations > 0) {
    reservations.expire(EXPIRED_AT_ONCE);
    reservations.forget(FORGOTTEN_AT_ONCE);
  }
  if (due.leases > 0) {
    leases.expire(EXPIRED_AT_ONCE);
    leases.forget(FORGOTTEN_AT_ONCE);
  }
  if (due.charges > 0) charges.forget(FORGOTTEN_AT_ONCE);
}

function carryOut(desk: Desk, operation: LedgerOperation): readonly unknown[] {
  const { table, reservations, leases, charges } = desk;
  switch (operation.method) {
    case "reserve":
      return operation.batch.map((request) => reservations.reserve(request));
    case "dispatch":
      return operation.batch.map((id) => reservations.dispatch(id));
    case "settle":
      return operation.batch.map((end) => reservations.settle(end));
    case "balances":
      return operation.batch.map((ref) => balanceOf(table, ref, operation.atMs));
    case "lease":
      return operation.batch.map((request) => leases.grant(request));
    case "returnLeases":
      return operation.batch.map((given) => leases.takeBack(given));
    case "charge":
      return operation.batch.map((given) => charges.charge(given));
    case "correct":
      return operation.batch.map((given) => correct(table, given));
  }
}

function balanceOf(table: AccountTable, ref: AccountRef, atMs: number | undefined): Balance {
  const account = table.find(ref);
  if (account === undefined) return NOTHING;
  if (atMs !== undefined) account.advance(atMs);
  return account.balance();
}

/** The provider's word replaces what is settled and unknown; only a fixed window has one figure. */
function correct(table: AccountTable, { account: ref, settled }: Correction): CorrectionResult {
  const isSound = ref.window.kind === "fixed" && isAmount(settled);
  const account = isSound ? table.open(ref) : table.find(ref);
  const before = account?.balance() ?? NOTHING;
  if (isSound) account?.correct(settled);
  return { before, after: account?.balance() ?? NOTHING };
}
