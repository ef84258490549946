import type { Connection } from "./connection.ts";
import type { DatabaseClass } from "./driver.ts";
import { type OpenOptions, openDatabase } from "./open-database.ts";
import { type OnCorrupt, openOrSetAside } from "./set-aside.ts";
import { StoreFailure } from "./store-failure.ts";

/** How often others may put another file in its place while it is opened. */
const MOST_REPLACEMENTS = 5;

/**
 * Opens the file that is there in the end: another process may keep a damaged one aside, or an
 * operator put a backup in its place, in the moment in which it is opened.
 * @throws {StoreFailure} or an error of the driver or the file system.
 */
export function openStore(
  Driver: DatabaseClass,
  options: OpenOptions,
  onCorrupt: OnCorrupt,
  nowMs: number,
): Connection {
  for (let replacements = 0; ; replacements++) {
    try {
      return onCorrupt === "set-aside"
        ? openOrSetAside(Driver, options, nowMs)
        : openDatabase(Driver, options);
    } catch (error) {
      if (!isReplaced(error) || replacements === MOST_REPLACEMENTS) throw error;
    }
  }
}

function isReplaced(error: unknown): boolean {
  return error instanceof StoreFailure && error.data.code === "file-replaced";
}
