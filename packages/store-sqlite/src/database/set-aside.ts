import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import type { NewKillEntry } from "@burnrate/core";
import type { Connection } from "./connection.ts";
import type { DatabaseClass } from "./driver.ts";
import { identityOf } from "./file-identity.ts";
import { createDraft, type OpenOptions, openDatabase, removeDraft } from "./open-database.ts";
import { codeOf } from "./sqlite-error.ts";
import { StoreFailure } from "./store-failure.ts";

/** What to do about a file that is damaged: nothing, or keep it aside and begin killed. */
export type OnCorrupt = "refuse" | "set-aside";

/** For another process to finish, in ms. */
const LONGEST_WAIT_MS = 1_000;
const PAUSE_MS = 2;

const DAMAGE = ["SQLITE_CORRUPT", "SQLITE_NOTADB", "empty-file"];

/**
 * Opens the file. One of ours that is damaged is kept aside under another name, and a new one
 * begins in its place, with a kill on everything: what was spent and who was stopped is not known,
 * so nothing is until somebody has looked.
 * @throws {StoreFailure} or an error of the driver or the file system.
 */
export function openOrSetAside(
  Driver: DatabaseClass,
  options: OpenOptions,
  nowMs: number,
): Connection {
  const found = identityOf(options.path);
  try {
    return openSound(Driver, options);
  } catch (error) {
    // Only our stores have this file beside them: nobody else's may be moved.
    const isOurs = found !== undefined && existsSync(`${options.path}-kill`);
    if (!isOurs || !isDamage(error) || !setAside(Driver, options, found, nowMs)) throw error;
  }
  return openDatabase(Driver, options);
}

/** What is damaged further in must not come to light in the middle of work. */
function openSound(Driver: DatabaseClass, options: OpenOptions): Connection {
  const connection = openDatabase(Driver, options);
  try {
    const row = connection.retry(() => connection.prepare("PRAGMA quick_check(1)").get());
    if ((row as { readonly quick_check?: string }).quick_check === "ok") return connection;
    throw new StoreFailure(
      "unavailable",
      "SQLITE_CORRUPT",
      `The store ${options.path} is damaged.`,
    );
  } catch (error) {
    connection.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return DAMAGE.includes(error instanceof StoreFailure ? error.data.code : codeOf(error));
}

/** Whether the file is kept aside now, by this process or another one, and has a successor. */
function setAside(
  Driver: DatabaseClass,
  options: OpenOptions,
  found: string,
  nowMs: number,
): boolean {
  const { path, creator } = options;
  const writtenAt = statSync(path).mtime.toISOString().replaceAll(":", "-");
  // The same name in every process that finds it damaged: one of them gets it.
  const aside = `${path}.corrupt-${writtenAt}`;
  const draft = createDraft(Driver, options, killOf(path, aside, creator, nowMs));
  try {
    if (!isKept(path, aside, found) && isReplaced(path, found)) return true;
    // Never without what was found: neither when it has gone, nor when the name is another file's.
    if (identityOf(path) !== found || statSync(aside).size !== statSync(path).size) return false;
    replace(path, aside, draft);
    return true;
  } finally {
    removeDraft(draft);
  }
}

/** Whether this process gave the damaged file its other name. */
function isKept(path: string, aside: string, found: string): boolean {
  try {
    linkSync(path, aside);
    if (identityOf(aside) === found) return true;
    rmSync(aside); // it is the successor's already
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
  }
  copyFileSync(path, aside, constants.COPYFILE_EXCL); // a file system without links
  return true;
}

/** Whether the process that was faster finishes; one that died in between never does. */
function isReplaced(path: string, found: string): boolean {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += PAUSE_MS) {
    if (identityOf(path) !== found) return true;
    Atomics.wait(sleeper, 0, 0, PAUSE_MS);
  }
  return false;
}

/**
 * At no moment is there no file, which others would take for a new beginning; and the log goes
 * first, because SQLite would apply it to the new file.
 */
function replace(path: string, aside: string, draft: string): void {
  for (const suffix of ["-wal", "-shm"]) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  renameSync(draft, path);
}

function killOf(path: string, aside: string, creator: string, atMs: number): NewKillEntry {
  const reason = `The store ${path} was damaged. It is kept as ${aside}; what was spent, and which kills were in force, is not known. Reconcile the budgets, kill again what must stay stopped, then revive.`;
  const id = `damaged-store-${creator}`;
  const by = "@burnrate/store-sqlite";
  const common = { id, reason, by, atMs, expiresAtMs: undefined } as const;
  return { kind: "kill", target: "everything", level: "stop", ...common };
}
