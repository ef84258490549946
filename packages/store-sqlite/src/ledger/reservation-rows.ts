import type { Connection } from "../database/connection.ts";
import type { SqlValue } from "../database/driver.ts";
import { encodeText } from "../database/text.ts";
import { type Hold, holdsOf, toText } from "./hold.ts";

/** Column `state`. */
export const HELD = 0;
export const DISPATCHED = 1;
export const UNKNOWN = 2;
/** Expired before dispatch: money given back, but the truth may still arrive. */
export const LAPSED = 3;
export const ENDED = 4;

/** A row of the table `reservation`, as it is read. */
interface StoredRow {
  readonly id: string;
  readonly state: number;
  readonly due_at_ms: number;
  readonly lasts_ms: number;
  readonly holds: string;
  readonly attempts: number;
}

/** A reservation while it is worked on. */
export interface ReservationRow {
  /** As the file has it. */
  readonly id: string;
  readonly lastsMs: number;
  state: number;
  dueAtMs: number;
  /** What it has on each account; nothing once it ended. */
  holds: readonly Hold[];
  /** Attempts of one call that share it, and have not given it back. */
  attempts: number;
}

/** Rows that one statement writes. */
const CHUNK = 32;
/** Most open reservations that are remembered from one transaction to the next. */
const REMEMBERED = 10_000;

const COLUMNS = "id, state, due_at_ms, lasts_ms, holds, attempts";
const ROW = "(?, ?, ?, ?, ?, ?)";
const LOAD = `SELECT row.id, state, due_at_ms, lasts_ms, holds, attempts
  FROM json_each(?) AS asked CROSS JOIN reservation AS row ON row.id = asked.value`;
const INSERT = `INSERT INTO reservation (${COLUMNS}) VALUES ${list(ROW, 1)}`;
const INSERT_CHUNK = `INSERT INTO reservation (${COLUMNS}) VALUES ${list(ROW, CHUNK)}`;
/** Its due time stays: until then the id is taken. No index is touched. */
const END = `UPDATE reservation SET state = ${ENDED}, holds = '' WHERE id IN (${list("?", CHUNK)})`;
const CHANGE =
  "UPDATE reservation SET state = ?, due_at_ms = ?, holds = ?, attempts = ? WHERE id = ?";
const FORGET = "DELETE FROM reservation WHERE id = ?";

/**
 * The reservations that transactions name: read with one statement, changed in memory, written with
 * one statement for many, because each statement costs more than what it does. Open ones stay in
 * memory until somebody else changes the file: mostly they are ended by whoever made them.
 */
export class ReservationRows {
  readonly #connection: Connection;
  readonly #open = new Map<string, ReservationRow>();
  /** Of this transaction. */
  readonly #closed = new Map<string, ReservationRow>();
  readonly #inserted = new Set<ReservationRow>();
  readonly #ended = new Set<ReservationRow>();
  readonly #changed = new Set<ReservationRow>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Reads all that will be asked for. */
  load(ids: readonly string[]): void {
    const asked: string[] = [];
    for (const id of ids) {
      const encoded = encodeText(id);
      if (!this.#open.has(encoded) && !this.#closed.has(encoded)) asked.push(encoded);
    }
    if (asked.length > 0) this.read(LOAD, JSON.stringify(asked));
  }

  /** Reads what a statement finds, but for what is known already. */
  read(sql: string, ...values: SqlValue[]): ReservationRow[] {
    const stored = this.#connection.prepare(sql).all(...values) as StoredRow[];
    return stored.map((one) => this.#find(one.id) ?? this.#keep(toRow(one)));
  }

  get(id: string): ReservationRow | undefined {
    return this.#find(encodeText(id));
  }

  insert(row: ReservationRow): void {
    this.#inserted.add(this.#keep(row));
  }

  /** It is over; the id stays taken until its reservation would have expired. */
  end(row: ReservationRow): void {
    row.state = ENDED;
    row.holds = [];
    this.#keep(row);
    if (!this.#inserted.has(row) && !this.#changed.has(row)) this.#ended.add(row);
  }

  /** It was changed otherwise. */
  change(row: ReservationRow, changes: Partial<ReservationRow>): void {
    this.#keep(Object.assign(row, changes));
    this.#ended.delete(row);
    if (!this.#inserted.has(row)) this.#changed.add(row);
  }

  /** As if it had never been: the id is free. */
  forget(row: ReservationRow): void {
    for (const rows of [this.#inserted, this.#ended, this.#changed]) rows.delete(row);
    for (const rows of [this.#open, this.#closed]) rows.delete(row.id);
    this.#connection.prepare(FORGET).run(row.id);
  }

  /** Writes what has changed. */
  flush(): void {
    const inserted = [...this.#inserted];
    for (let at = 0; at < inserted.length; at += CHUNK)
      this.#insert(inserted.slice(at, at + CHUNK));
    const ended = [...this.#ended];
    for (let at = 0; at < ended.length; at += CHUNK) {
      const some: SqlValue[] = ended.slice(at, at + CHUNK).map(({ id }) => id);
      while (some.length < CHUNK) some.push(null);
      this.#connection.prepare(END).run(...some);
    }
    for (const { id, state, dueAtMs, holds, attempts } of this.#changed) {
      this.#connection.prepare(CHANGE).run(state, dueAtMs, toText(holds), attempts, id);
    }
    for (const rows of [this.#inserted, this.#ended, this.#changed]) rows.clear();
  }

  /** The transaction is over. */
  finish(): void {
    this.#closed.clear();
    if (this.#open.size > REMEMBERED) this.#open.clear();
  }

  /** Nothing that is remembered is known to be true any more. */
  clear(): void {
    for (const rows of [this.#open, this.#closed]) rows.clear();
    for (const rows of [this.#inserted, this.#ended, this.#changed]) rows.clear();
  }

  #find(encoded: string): ReservationRow | undefined {
    return this.#open.get(encoded) ?? this.#closed.get(encoded);
  }

  #keep(row: ReservationRow): ReservationRow {
    const isOpen = row.state <= DISPATCHED;
    (isOpen ? this.#open : this.#closed).set(row.id, row);
    if (!isOpen) this.#open.delete(row.id);
    return row;
  }

  #insert(rows: readonly ReservationRow[]): void {
    const columns: SqlValue[] = [];
    for (const { id, state, dueAtMs, lastsMs, holds, attempts } of rows) {
      columns.push(id, state, dueAtMs, lastsMs, toText(holds), attempts);
    }
    if (rows.length === CHUNK) this.#connection.prepare(INSERT_CHUNK).run(...columns);
    else {
      const one = this.#connection.prepare(INSERT);
      for (let at = 0; at < columns.length; at += 6) one.run(...columns.slice(at, at + 6));
    }
  }
}

function toRow({ id, state, due_at_ms, lasts_ms, holds, attempts }: StoredRow): ReservationRow {
  return { id, state, dueAtMs: due_at_ms, lastsMs: lasts_ms, holds: holdsOf(holds), attempts };
}

function list(item: string, count: number): string {
  return Array.from({ length: count }, () => item).join(", ");
}
