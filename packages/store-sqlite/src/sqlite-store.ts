import { resolve } from "node:path";
import { type Clock, type Store, systemClock } from "@burnrate/core";
import {
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { Durability } from "./database/open-database.ts";
import type { OnCorrupt } from "./database/set-aside.ts";
import { findDriver } from "./find-driver.ts";
import { createKillLog, KillListeners } from "./kill-log.ts";
import { createLedger } from "./ledger.ts";
import { createPorts } from "./ports.ts";
import { StoreThread } from "./store-thread.ts";

const DEFAULT_PATH = ".burnrate/state.db";
const OPTIONS = ["path", "durability", "onCorrupt", "driver", "clock"];
const LONGEST_PATH = 4_096;

/** Options of `sqliteStore`; all of them have a default. */
export interface SqliteStoreOptions {
  /** The database file, made when it is missing (default `.burnrate/state.db`). */
  readonly path?: string;
  /**
   * `full` (default): what was answered survives a power cut. `normal`: it survives a crash of the
   * process; a power cut may take the last moments of money, but never a kill.
   */
  readonly durability?: Durability;
  /**
   * What becomes of a file that is found damaged when it is opened. `refuse` (default): nothing is
   * changed, and every call is refused until a backup is put in its place. `set-aside`: it is kept
   * as `<path>.corrupt-<time>`, and a new one begins with a kill on everything, so that nothing is
   * spent until somebody has reconciled the budgets and revived it. Opening then checks the whole
   * file.
   */
  readonly onCorrupt?: OnCorrupt;
  /**
   * `node:sqlite` (default on Node 24 and newer) or the name of an installed module with the same
   * API, `better-sqlite3` (default on Node 22); or the file URL of one. Not the class itself: the
   * database runs in a thread of its own, which must load it.
   */
  readonly driver?: string | URL;
  /**
   * The machine's clocks, unless a test brings others. The wall clock decides what has expired; old
   * accounts are forgotten by both, so that one that jumps ahead takes nothing with it.
   */
  readonly clock?: Clock;
}

/**
 * Keeps budgets, kills, counters and messages in one SQLite file, shared by all processes of a
 * machine. Nothing is opened before the first use; closing the ledger closes all of it.
 * @throws {ConfigError} `BR9001` for a wrong option, at once; for a file that cannot be used, from
 * the first use on. What fails later is a `StoreUnavailableError` (`BR8001`).
 * @example
 * const guard = createGuard({ budgets: ["$5/day"], store: sqliteStore({ path: "state.db" }) });
 */
export function sqliteStore(options: SqliteStoreOptions = {}): Required<Store> {
  const given = checkObject("sqliteStore", options, 'an object such as { path: "state.db" }');
  refuseUnknownKeys("sqliteStore", given, OPTIONS);
  const driver = checkDriver(given["driver"]);
  const listeners = new KillListeners();
  const thread = new StoreThread({
    path: checkPath(given["path"] ?? DEFAULT_PATH),
    durability: checkOneOf("sqliteStore.durability", given["durability"] ?? "full", [
      "full",
      "normal",
    ]),
    onCorrupt: checkOneOf("sqliteStore.onCorrupt", given["onCorrupt"] ?? "refuse", [
      "refuse",
      "set-aside",
    ]),
    clock: checkClock(given["clock"] ?? systemClock),
    findDriver: () => findDriver(driver, process.versions.node),
    onLines: (lines) => listeners.tell(lines),
  });
  return {
    ledger: createLedger(thread),
    killLog: createKillLog(thread, listeners),
    ...createPorts(thread),
  };
}

/** Resolved at once: the application may change its working directory later. */
function checkPath(value: unknown): string {
  const path = checkString("sqliteStore.path", value, LONGEST_PATH);
  if (path.startsWith(":memory:") || path.startsWith("file:")) {
    throw optionError("sqliteStore.path", path, 'a file path (in memory: store: "memory")');
  }
  return resolve(path);
}

function checkDriver(value: unknown): string | URL | undefined {
  if (value === undefined || value instanceof URL) return value;
  if (typeof value === "function") {
    const expected = 'the name of a module, such as "better-sqlite3": its class cannot be handed';
    throw optionError("sqliteStore.driver", value, `${expected} to the thread of the database`);
  }
  return checkString("sqliteStore.driver", value, LONGEST_PATH);
}

function checkClock(value: unknown): Clock {
  checkMethods("sqliteStore.clock", value, ["wallMs", "monotonicMs"]);
  return value as Clock;
}
