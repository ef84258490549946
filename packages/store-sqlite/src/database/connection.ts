import { closeSync, fdatasyncSync, openSync, realpathSync } from "node:fs";
import { threadId } from "node:worker_threads";
import type { Database, Statement } from "./driver.ts";
import { identityOf } from "./file-identity.ts";
import { lockPauses } from "./lock-pauses.ts";
import { isBusy } from "./sqlite-error.ts";
import { StoreFailure } from "./store-failure.ts";

/** Longest wait for the lock of other processes, in ms. */
const MAX_WAIT_MS = 10_000;
/** Longest pause between two tries, in ms. */
const MAX_PAUSE_MS = 2;

const CHANGES = "SELECT total_changes() AS changes";

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * One connection of this thread. SQLite's own waiting for a lock backs off to 100 ms and starves
 * whoever came first; here everyone asks again within 2 ms, each at other times, so that each gets
 * its turn.
 */
export class Connection {
  readonly path: string;
  /** Whether a transaction is on the disk when it returns, and not only with the system. */
  isDurable = false;
  /** Which file it was when it was opened; undefined: not looked at. */
  file: string | undefined;
  readonly #database: Database;
  readonly #maxWaitMs: number;
  readonly #statements = new Map<string, Statement>();
  #log: number | undefined;
  /** Which file the log was when it was looked at first. */
  #logFile: string | undefined;
  #knownLogPath: string | undefined;
  readonly #nextPause: () => number = lockPauses(process.pid + threadId / 1_000);

  constructor(database: Database, path: string, maxWaitMs: number = MAX_WAIT_MS) {
    this.#database = database;
    this.path = path;
    this.#maxWaitMs = maxWaitMs;
  }

  /**
   * A statement, prepared once. Its SQL is a constant of this package. Outside of a transaction this
   * and what the statement does go into one `retry`: to prepare may read the file, too.
   */
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

  /**
   * Does something that a lock of another process may hinder, again and again for a bounded time.
   */
  retry<T>(attempt: () => T): T {
    let waitedMs = 0;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || waitedMs >= this.#maxWaitMs) throw error;
      }
      const pauseMs = this.#nextPause() * Math.min(MAX_PAUSE_MS, 0.1 + waitedMs / 4);
      Atomics.wait(sleeper, 0, 0, pauseMs);
      waitedMs += Math.max(0.05, pauseMs);
    }
  }

  /**
   * All of it or nothing, and alone: the write lock is taken before anything is read, so that what
   * was checked still holds when it is written. Only then, with the lock given back, is the log
   * brought to the disk: others need not wait for that, nor for a process that is stopped in it.
   * The log is written in order, so what they build on this is never on the disk before it.
   */
  transaction<T>(work: () => T, isDurable: boolean = this.isDurable): T {
    this.exec("BEGIN IMMEDIATE");
    let result: T;
    let isChanged: boolean;
    try {
      this.#checkFile();
      const before = this.#changes();
      result = work();
      isChanged = this.#changes() !== before;
      this.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    if (isChanged && isDurable) this.#syncLog();
    return result;
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#database.close();
  }

  /**
   * A file that was moved away is still ours to write, and nobody else's to read: other processes
   * would spend the same money from another one. The same holds for its log.
   */
  #checkFile(): void {
    if (this.file === undefined) return;
    const logFile = identityOf(this.#logPath());
    this.#logFile ??= logFile;
    if (this.file === identityOf(this.path) && this.#logFile === logFile) return;
    throw fileReplaced(this.path);
  }

  #changes(): number {
    return (this.prepare(CHANGES).get() as { readonly changes: number }).changes;
  }

  /** The log stays the same file as long as anybody is connected, and carries no locks. */
  #syncLog(): void {
    this.#log ??= openSync(this.#logPath(), "r+");
    fdatasyncSync(this.#log);
  }

  /** Beside what a link points to. */
  #logPath(): string {
    this.#knownLogPath ??= `${realpathSync(this.path)}-wal`;
    return this.#knownLogPath;
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // A full disk or a read error has rolled it back already.
    }
  }
}

/** The failure of a file or log that is not the one that was opened. */
export function fileReplaced(path: string): StoreFailure {
  const message = `The store ${path} or its -wal file was removed, moved or replaced while it was in use; nothing of this was written. Put it back, or restart this process to use what is there now.`;
  return new StoreFailure("unavailable", "file-replaced", message);
}
