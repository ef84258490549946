import type { Connection } from "../database/connection.ts";
import type { SqlValue } from "../database/driver.ts";
import { encodeText } from "../database/text.ts";

/** Column `state`. */
export const HELD = 0;
export const DISPATCHED = 1;
export const UNKNOWN = 2;
/** Expired before dispatch: money given back, but the truth may still arrive. */
export const LAPSED = 3;
export const ENDED = 4;

/** A row of the table `reservation`. */
export interface ReservationRow {
  readonly id: string;
  readonly state: number;
  readonly due_at_ms: number;
  readonly lasts_ms: number;
  /** Four numbers for each account, as text; empty once it ended. */
  readonly holds: string;
}

/** Rows that one statement writes. */
const CHUNK = 32;

const COLUMNS = "id, state, due_at_ms, lasts_ms, holds";
const LOAD = `SELECT row.id, state, due_at_ms, lasts_ms, holds
  FROM json_each(?) AS asked CROSS JOIN reservation AS row ON row.id = asked.value`;
const INSERT = `INSERT INTO reservation (${COLUMNS}) VALUES ${list("(?, ?, ?, ?, ?)", 1)}`;
const INSERT_CHUNK = `INSERT INTO reservation (${COLUMNS}) VALUES ${list("(?, ?, ?, ?, ?)", CHUNK)}`;
/** Its due time stays: until then the id is taken. No index is touched. */
const END = `UPDATE reservation SET state = ${ENDED}, holds = '' WHERE id IN (${list("?", CHUNK)})`;
const CHANGE = "UPDATE reservation SET state = ?, due_at_ms = ?, holds = ? WHERE id = ?";

/**
 * The reservations that one transaction names: read with one statement, changed in memory, written
 * with one statement for many. Each statement costs more than what it does.
 */
export class ReservationRows {
  readonly #connection: Connection;
  readonly #rows = new Map<string, ReservationRow>();
  readonly #inserted = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #changed = new Set<string>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Reads all that will be asked for. */
  load(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const asked = JSON.stringify(ids.map(encodeText));
    const rows = this.#connection.prepare(LOAD).all(asked) as ReservationRow[];
    for (const row of rows) this.#rows.set(row.id, row);
  }

  get(id: string): ReservationRow | undefined {
    return this.#rows.get(encodeText(id));
  }

  insert(row: ReservationRow): void {
    this.#rows.set(row.id, row);
    this.#inserted.add(row.id);
  }

  /** It is over; the id stays taken until its reservation would have expired. */
  end(row: ReservationRow): void {
    this.#rows.set(row.id, { ...row, state: ENDED, holds: "" });
    if (!this.#inserted.has(row.id) && !this.#changed.has(row.id)) this.#ended.add(row.id);
  }

  change(row: ReservationRow): void {
    this.#rows.set(row.id, row);
    this.#ended.delete(row.id);
    if (!this.#inserted.has(row.id)) this.#changed.add(row.id);
  }

  /** Writes what has changed. */
  flush(): void {
    const inserted = this.#of(this.#inserted).map(toColumns);
    for (let at = 0; at < inserted.length; at += CHUNK) {
      const some = inserted.slice(at, at + CHUNK);
      if (some.length === CHUNK) this.#connection.prepare(INSERT_CHUNK).run(...some.flat());
      else for (const columns of some) this.#connection.prepare(INSERT).run(...columns);
    }
    const ended = [...this.#ended];
    for (let at = 0; at < ended.length; at += CHUNK) {
      const some: SqlValue[] = ended.slice(at, at + CHUNK);
      while (some.length < CHUNK) some.push(null);
      this.#connection.prepare(END).run(...some);
    }
    for (const { id, state, due_at_ms, holds } of this.#of(this.#changed)) {
      this.#connection.prepare(CHANGE).run(state, due_at_ms, holds, id);
    }
    for (const ids of [this.#inserted, this.#ended, this.#changed]) ids.clear();
  }

  #of(ids: ReadonlySet<string>): ReservationRow[] {
    return [...ids].map((id) => this.#rows.get(id) as ReservationRow);
  }
}

function toColumns({ id, state, due_at_ms, lasts_ms, holds }: ReservationRow): SqlValue[] {
  return [id, state, due_at_ms, lasts_ms, holds];
}

function list(item: string, count: number): string {
  return Array.from({ length: count }, () => item).join(", ");
}
