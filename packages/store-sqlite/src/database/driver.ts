/** What can be bound to a parameter; texts go through `encodeText` when they come from outside. */
export type SqlValue = string | number | null;

/** A prepared statement, as `node:sqlite` and `better-sqlite3` both have it. */
export interface Statement {
  run(...values: SqlValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

/** The part of an open database that is used: the same in both drivers, and synchronous. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** Opens a database file. */
export type DatabaseClass = new (path: string) => Database;

/**
 * Loads the driver in this thread: `node:sqlite`, or the file URL of a module whose default export
 * is a class such as better-sqlite3's `Database`.
 */
export async function loadDriver(driver: string): Promise<DatabaseClass> {
  if (driver === "node:sqlite") return (await import("node:sqlite")).DatabaseSync;
  const loaded: { readonly default?: unknown } = await import(driver);
  return loaded.default as DatabaseClass;
}
