import type { Connection } from "./connection.ts";
import { StoreFailure } from "./store-failure.ts";

/** "brnr": marks a file as ours. */
export const APPLICATION_ID = 0x62726e72;

/**
 * Balances, what is held or leased of them, and the kill log. `due_at_ms` is when something happens
 * to a row by itself: while it is open it expires, afterwards it is forgotten.
 */
const LEDGER = `
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  window_key TEXT NOT NULL,
  limit_amount REAL NOT NULL,
  limit_version REAL NOT NULL,
  settled INTEGER NOT NULL,
  held INTEGER NOT NULL,
  leased INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  open INTEGER NOT NULL,
  corrections INTEGER NOT NULL,
  ephemeral INTEGER NOT NULL,
  used_at_ms INTEGER NOT NULL,
  ends_at_ms INTEGER,
  rolling TEXT,
  UNIQUE (key, window_key)
) STRICT;

CREATE TABLE reservation (
  id TEXT PRIMARY KEY,
  state INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  lasts_ms INTEGER NOT NULL,
  holds TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reservation_due ON reservation (due_at_ms);

CREATE TABLE lease (
  id TEXT PRIMARY KEY,
  account INTEGER NOT NULL,
  state INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  revision REAL NOT NULL,
  leased INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  unknown_at_ms INTEGER NOT NULL,
  corrections INTEGER NOT NULL,
  known INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_due ON lease (due_at_ms);

CREATE TABLE charge (
  id TEXT PRIMARY KEY,
  due_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_due ON charge (due_at_ms);

CREATE TABLE kill_log (
  epoch INTEGER PRIMARY KEY,
  line TEXT NOT NULL
) STRICT;
`;

/** Who lives and who acknowledged, counters that survive, and messages to deliver. */
const FLEET_STATE_OUTBOX = `
CREATE TABLE process (
  name TEXT PRIMARY KEY,
  lives_until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgement (
  kill_id TEXT NOT NULL,
  process TEXT NOT NULL,
  aborted INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (kill_id, process)
) STRICT, WITHOUT ROWID;
CREATE INDEX acknowledgement_age ON acknowledgement (at_ms);

CREATE TABLE state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL,
  body TEXT NOT NULL,
  due_at_ms INTEGER NOT NULL,
  free_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  done_at_ms INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (topic, due_at_ms, number) WHERE done_at_ms IS NULL;
CREATE INDEX outbox_done ON outbox (done_at_ms) WHERE done_at_ms IS NOT NULL;
`;

/** Attempts of one call that share a reservation. */
const ATTEMPTS = `
ALTER TABLE reservation ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
`;

/** `MIGRATIONS[n]` brings schema n to schema n + 1. What was published never changes. */
const MIGRATIONS: readonly string[] = [LEDGER, FLEET_STATE_OUTBOX, ATTEMPTS];

/** The schema that this version of the package reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** A new file gets our mark; then everything that a migration has. */
export function initialize(connection: Connection): void {
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  migrate(connection);
}

/**
 * Brings an existing file to this schema, in one transaction, so that of several processes that
 * open it one migrates and the others find it done.
 * @throws {StoreFailure} when the file is not ours, or newer than this package.
 */
export function migrate(connection: Connection): void {
  checkIdentity(connection);
  if (schemaOf(connection) === SCHEMA_VERSION) return;
  connection.transaction(() => {
    for (const sql of MIGRATIONS.slice(schemaOf(connection))) connection.exec(sql);
    connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function checkIdentity(connection: Connection): void {
  const { path } = connection;
  const id = pragma(connection, "application_id");
  if (id !== APPLICATION_ID) {
    const message = `${path} is a database of another program (its application_id is ${id}). It was left as it is; choose another path for the store.`;
    throw new StoreFailure("config", "foreign-schema", message);
  }
  const version = schemaOf(connection);
  if (version > SCHEMA_VERSION) {
    const message = `The store ${path} has schema ${version}; this version of @burnrate/store-sqlite knows up to ${SCHEMA_VERSION}. Update the package in every process that uses the file.`;
    throw new StoreFailure("config", "newer-schema", message);
  }
}

function schemaOf(connection: Connection): number {
  return pragma(connection, "user_version");
}

function pragma(connection: Connection, name: "application_id" | "user_version"): number {
  const sql = name === "user_version" ? "PRAGMA user_version" : "PRAGMA application_id";
  const row = connection.retry(() => connection.prepare(sql).get()) as Record<string, number>;
  return row[name] ?? 0;
}
