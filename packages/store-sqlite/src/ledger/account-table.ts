import type { AccountRef } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { encodeText } from "../database/text.ts";
import { Account, type AccountRow, newRow } from "./account.ts";

/** Most accounts that are remembered from one transaction to the next. */
const REMEMBERED = 1_000;

const COLUMNS =
  "id, limit_amount, limit_version, settled, held, leased, unknown, open, corrections, used_at_ms, ends_at_ms, rolling";
const FIND = `SELECT ${COLUMNS} FROM account WHERE key = ? AND window_key = ?`;
const FIND_BY_ID = `SELECT ${COLUMNS} FROM account WHERE id = ?`;
const INSERT = `INSERT INTO account (key, window_key, ephemeral, limit_amount, limit_version, settled,
  held, leased, unknown, open, corrections, used_at_ms, ends_at_ms, rolling)
  VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?, ?, ?)`;
const UPDATE = `UPDATE account SET limit_amount = ?, limit_version = ?, settled = ?, held = ?,
  leased = ?, unknown = ?, open = ?, corrections = ?, used_at_ms = ?, rolling = ? WHERE id = ?`;

/**
 * The accounts that transactions touch: each is read once, changed in memory, and written once at
 * the end, so that a batch on the same few accounts costs no more than a single call. They stay in
 * memory until somebody else changes the file.
 */
export class AccountTable {
  readonly #connection: Connection;
  readonly #byName = new Map<string, Account>();
  readonly #byId = new Map<number, Account>();
  /** Of this transaction: the references are new in each. */
  readonly #byRef = new Map<AccountRef, Account>();
  #nowMs = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A transaction begins; this is its time. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Finds or opens the account. */
  open(ref: AccountRef): Account {
    return this.find(ref) ?? this.#add(ref);
  }

  /** The account if it exists. */
  find(ref: AccountRef): Account | undefined {
    const known = this.#byRef.get(ref) ?? this.#byName.get(nameOf(ref));
    if (known !== undefined) return this.#remember(known, ref);
    const names = [encodeText(ref.key), encodeText(ref.windowKey)];
    const row = this.#connection.prepare(FIND).get(...names) as AccountRow | undefined;
    if (row === undefined) return undefined;
    return this.#remember(this.#byId.get(row.id) ?? new Account(row), ref);
  }

  /** The account of a reservation or lease; it may have been forgotten since. */
  byId(id: number): Account | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const row = this.#connection.prepare(FIND_BY_ID).get(id) as AccountRow | undefined;
    if (row === undefined) return undefined;
    const account = new Account(row);
    this.#byId.set(id, account);
    return account;
  }

  /** Writes what has changed. */
  flush(): void {
    const update = this.#connection.prepare(UPDATE);
    for (const account of this.#byId.values()) {
      if (!account.isChanged) continue;
      update.run(...account.toColumns(), account.id);
      account.isChanged = false;
    }
  }

  /**
   * The transaction is over. A rolling window that was only looked at may have moved on: not kept.
   */
  end(): void {
    this.#byRef.clear();
    if (this.#byId.size > REMEMBERED) this.clear();
    for (const [id, account] of this.#byId) if (account.isRolling) this.#byId.delete(id);
    for (const [name, account] of this.#byName) if (account.isRolling) this.#byName.delete(name);
  }

  /** Nothing that is remembered is known to be true any more. */
  clear(): void {
    for (const known of [this.#byRef, this.#byName, this.#byId]) known.clear();
  }

  #add(ref: AccountRef): Account {
    const row = newRow(ref, 0, this.#nowMs);
    const { lastInsertRowid } = this.#connection
      .prepare(INSERT)
      .run(
        encodeText(ref.key),
        encodeText(ref.windowKey),
        ref.ephemeral ? 1 : 0,
        row.limit_amount,
        row.limit_version,
        row.used_at_ms,
        row.ends_at_ms,
        row.rolling,
      );
    return this.#remember(new Account({ ...row, id: Number(lastInsertRowid) }), ref);
  }

  #remember(account: Account, ref: AccountRef): Account {
    if (this.#byRef.has(ref)) return account;
    this.#byRef.set(ref, account);
    this.#byName.set(nameOf(ref), account);
    this.#byId.set(account.id, account);
    return account;
  }
}

/** The length keeps `a` + `bc` and `ab` + `c` apart. */
function nameOf(ref: AccountRef): string {
  return `${ref.key.length} ${ref.key}${ref.windowKey}`;
}
