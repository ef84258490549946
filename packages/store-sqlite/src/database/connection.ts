import type { Database, Statement } from "./driver.ts";
import { isBusy } from "./sqlite-error.ts";

/** Longest wait for the lock of other processes, in ms. */
const MAX_WAIT_MS = 10_000;
/** Longest pause between two tries, in ms. */
const MAX_PAUSE_MS = 2;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * One connection of this thread. SQLite's own waiting for a lock backs off to 100 ms and starves
 * whoever came first; here everyone asks again within 2 ms, by chance, so that each gets its turn.
 */
export class Connection {
  readonly path: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database, path: string) {
    this.#database = database;
    this.path = path;
  }

  /** A statement, prepared once. Its SQL is a constant of this package. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs SQL that is a constant of this package; waits for the lock. */
  exec(sql: string): void {
    this.retry(() => this.#database.exec(sql));
  }

  /** Does something that a lock of another process may hinder, again and again for a bounded time. */
  retry<T>(attempt: () => T): T {
    let waitedMs = 0;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || waitedMs >= MAX_WAIT_MS) throw error;
      }
      // A pause of chance length: processes in step would meet again and again.
      const pauseMs = Math.random() * Math.min(MAX_PAUSE_MS, 0.1 + waitedMs / 4);
      Atomics.wait(sleeper, 0, 0, pauseMs);
      waitedMs += Math.max(0.05, pauseMs);
    }
  }

  /**
   * All of it or nothing, and alone: the write lock is taken before anything is read, so that what
   * was checked still holds when it is written.
   */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // A full disk or a read error has rolled it back already.
    }
  }
}
