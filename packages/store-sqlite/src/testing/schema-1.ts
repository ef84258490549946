/** A file as schema 1 was: it never changes, so that such files can always be opened. */
export const LEDGER_SCHEMA_1 = `
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1651666546;
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
INSERT INTO account VALUES (1, 'old', 'total', 1000, 1, 70, 100, 40, 5, 3, 0, 0, 1767268800000, NULL, NULL);
INSERT INTO reservation VALUES ('held-1', 1, 9007199254740991, 3600000, '[1,100,0,0]');
INSERT INTO reservation VALUES ('unknown-1', 2, 9007199254740991, 3600000, '[1,5,0,0]');
INSERT INTO lease VALUES ('lease-1', 1, 0, 9007199254740991, 9007199254740991, 40, 0, 40, 0, 0, 0, 0, 0);
INSERT INTO kill_log VALUES (1, '{"kind":"kill","id":"old-kill","target":"everything","level":"stop","reason":"r","by":"b","atMs":1,"epoch":1}');
PRAGMA user_version = 1;
`;
