import type { StateEntry } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { decodeText, encodeText, LAST_CHARACTER } from "../database/text.ts";

const READ = "SELECT value, revision FROM state WHERE key = ?";
const CREATE =
  "INSERT INTO state (key, value, revision) VALUES (?, ?, 1) ON CONFLICT DO NOTHING RETURNING revision";
const CHANGE = `UPDATE state SET value = ?, revision = revision + 1
  WHERE key = ? AND revision = ? RETURNING revision`;
const REMOVE = "DELETE FROM state WHERE key = ? AND revision = ?";
const KEYS = "SELECT key FROM state WHERE key >= ? AND key < ? ORDER BY key LIMIT ?";

const DEFAULT_LIMIT = 1_000;

/** SQLite orders such characters otherwise than JavaScript does; our escapes begin with one, too. */
const OTHER_ORDER = /[\uE000-\u{10FFFF}]/u;

/** A value with the number of its newest change. */
export function readState(connection: Connection, key: string): StateEntry | undefined {
  const row = connection.retry(() => connection.prepare(READ).get(encodeText(key)));
  if (row === undefined) return undefined;
  const { value, revision } = row as StateEntry;
  return { value: decodeText(value), revision };
}

/** Compare and set in one statement, so that of two writers who saw the same one fails. */
export function writeState(
  connection: Connection,
  key: string,
  value: string,
  seen: number,
): number | undefined {
  const [name, text] = [encodeText(key), encodeText(value)];
  const row = connection.transaction(() =>
    seen === 0
      ? connection.prepare(CREATE).get(name, text)
      : connection.prepare(CHANGE).get(text, name, seen),
  );
  return (row as StateEntry | undefined)?.revision;
}

/** Removes a value that nobody has changed since. */
export function removeState(connection: Connection, key: string, seen: number): boolean {
  const name = encodeText(key);
  const { changes } = connection.transaction(() => connection.prepare(REMOVE).run(name, seen));
  return Number(changes) > 0;
}

/** Keys that begin with a prefix, in the order of their code units. */
export function stateKeys(
  connection: Connection,
  prefix: string,
  limit: number = DEFAULT_LIMIT,
): string[] {
  const most = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(limit)));
  const first = readKeys(connection, prefix, most);
  const isEnough = first.length < most || !first.some((key) => OTHER_ORDER.test(key));
  const keys = isEnough ? first : readKeys(connection, prefix, Number.MAX_SAFE_INTEGER);
  return keys.map(decodeText).sort().slice(0, most);
}

/** As they are stored, the first in the order of SQLite. */
function readKeys(connection: Connection, prefix: string, limit: number): string[] {
  const from = encodeText(prefix);
  const values = [from, `${from}${LAST_CHARACTER}`, limit] as const;
  const rows = connection.retry(() => connection.prepare(KEYS).all(...values));
  return (rows as { readonly key: string }[]).map(({ key }) => key);
}
