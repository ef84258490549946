import { DatabaseSync } from "node:sqlite";

/** As another process has the file locked: node:sqlite tells it by the number. */
class BusyError extends Error {
  readonly errcode = 5; // SQLITE_BUSY
}

/** SQLite of which each statement finds the file locked the first time, unless it has the lock. */
class BusyDatabase extends DatabaseSync {
  readonly #tried = new Set<string>();

  override exec(sql: string): void {
    this.#fail(`exec ${sql}`);
    super.exec(sql);
  }

  override prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    this.#fail(`prepare ${sql}`);
    const statement = super.prepare(sql);
    for (const name of ["run", "get", "all"] as const) {
      const method = statement[name].bind(statement) as (...values: unknown[]) => unknown;
      const failing = (...values: unknown[]): unknown => {
        this.#fail(`${name} ${sql}`);
        return method(...values);
      };
      Object.assign(statement, { [name]: failing });
    }
    return statement;
  }

  #fail(what: string): void {
    if (this.isTransaction || this.#tried.has(what)) return;
    this.#tried.add(what);
    throw new BusyError("database is locked");
  }
}

// biome-ignore lint/style/noDefaultExport: a driver is the default export of its module
export default BusyDatabase;
