import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { NewKillEntry } from "@burnrate/core";
import { Connection, fileReplaced } from "./connection.ts";
import type { DatabaseClass } from "./driver.ts";
import { identityOf } from "./file-identity.ts";
import { initialize, migrate } from "./migrations.ts";
import { StoreFailure } from "./store-failure.ts";

/** How the file is opened. */
export interface OpenOptions {
  readonly path: string;
  readonly durability: Durability;
  /** Unique among all that may create the file at this moment. */
  readonly creator: string;
}

/**
 * `full`: what was answered survives a power cut. `normal`: it survives a crash of the process; the
 * last moments before a power cut may be lost, but never a kill.
 */
export type Durability = "full" | "normal";

/** Older versions can lose committed data when several processes reset the log at once. */
const OLDEST_SQLITE = [3, 51, 3] as const;
const VERSION = "SELECT sqlite_version() AS version";

/**
 * Opens the file, and makes it when it is missing. A new file is made beside its place and appears
 * there complete, so that an empty file is never one of ours and is not taken for one.
 * @throws {StoreFailure} or an error of the driver or the file system.
 */
export function openDatabase(Driver: DatabaseClass, options: OpenOptions): Connection {
  const { path, durability } = options;
  makeFolder(dirname(path));
  if (sizeOf(path) === undefined) create(Driver, { ...options, path: targetOf(path) });
  if (sizeOf(path) === 0) {
    const message = `The store ${path} is an empty file, which this package never leaves behind: what was in it is lost. Put a backup in its place, or remove it to begin anew, with nothing spent and no kill in force.`;
    throw new StoreFailure("config", "empty-file", message);
  }
  const file = identityOf(path);
  const connection = new Connection(new Driver(path), path);
  connection.file = file;
  try {
    if (identityOf(path) !== file) throw fileReplaced(path); // before it reads a successor's log
    connection.exec("PRAGMA busy_timeout = 0");
    checkVersion(connection);
    migrate(connection);
    useWriteAheadLog(connection);
    connection.exec("PRAGMA synchronous = NORMAL"); // the connection syncs the log itself
    connection.isDurable = durability === "full";
    connection.transaction(() => {}); // whether it can be written at all
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

function create(Driver: DatabaseClass, options: OpenOptions): void {
  const draft = createDraft(Driver, options);
  try {
    publish(draft, options.path);
    syncFolder(dirname(options.path));
  } finally {
    removeDraft(draft);
  }
}

/** Makes a complete file beside its place, with a first line in its kill log if there is one. */
export function createDraft(
  Driver: DatabaseClass,
  { path, creator }: OpenOptions,
  firstLine?: NewKillEntry,
): string {
  const draft = `${path}-new-${creator}`;
  closeSync(openSync(draft, "wx", 0o600));
  try {
    const connection = new Connection(new Driver(draft), path);
    try {
      checkVersion(connection);
      useWriteAheadLog(connection);
      connection.exec("PRAGMA synchronous = FULL");
      initialize(connection);
      if (firstLine !== undefined) writeFirstLine(connection, firstLine);
    } finally {
      connection.close();
    }
  } catch (error) {
    removeDraft(draft);
    throw error;
  }
  return draft;
}

/** Removes what is left of it. */
export function removeDraft(draft: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${draft}${suffix}`, { force: true });
}

function writeFirstLine(connection: Connection, line: NewKillEntry): void {
  const insert = connection.prepare("INSERT INTO kill_log (epoch, line) VALUES (1, ?)");
  insert.run(JSON.stringify({ ...line, epoch: 1 }));
}

/** Puts the new file in its place, unless another process was faster. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // A file system without links.
    if (sizeOf(path) === undefined) copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

/**
 * Makes a folder with those that it is in. The option `recursive` of Node tries for ever where none
 * can be made, as in `/proc`.
 */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (existsSync(folder) || parent === folder) return;
  makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was faster
  }
}

/** So that a power cut does not take the name of the new file. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Windows has no such thing, and keeps names by itself.
  }
}

/** Where links lead in the end, though nothing is there yet: the file is made there. */
function targetOf(path: string): string {
  const folder = realpathSync(dirname(path));
  const linked = linkIn(path);
  return linked === undefined ? join(folder, basename(path)) : targetOf(resolve(folder, linked));
}

function linkIn(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // no link
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function useWriteAheadLog(connection: Connection): void {
  const row = connection.retry(() => connection.prepare("PRAGMA journal_mode = WAL").get());
  const mode = (row as { readonly journal_mode?: string }).journal_mode;
  if (mode === "wal") return;
  const message = `The store ${connection.path} cannot keep a write-ahead log there (journal_mode ${mode}). Choose a path on a local disk: network file systems have no shared memory.`;
  throw new StoreFailure("config", "no-write-ahead-log", message);
}

function checkVersion(connection: Connection): void {
  const row = connection.retry(() => connection.prepare(VERSION).get());
  const { version } = row as { readonly version: string };
  const parts = version.split(".").map(Number);
  const place = OLDEST_SQLITE.findIndex((least, index) => parts[index] !== least);
  if (place < 0 || (parts[place] ?? 0) > (OLDEST_SQLITE[place] ?? 0)) return;
  const message = `SQLite ${version} may lose data when several processes use one file; ${OLDEST_SQLITE.join(".")} or newer is needed. Update Node, or install better-sqlite3 12.8 or newer and set driver: "better-sqlite3".`;
  throw new StoreFailure("config", "old-sqlite", message);
}
