import { resolve } from "node:path";
import {
  createGuard as createBareGuard,
  fileJournal,
  type Guard,
  type GuardOptions,
  type KillSource,
} from "@burnrate/core";
import { checkObject } from "@burnrate/core/adapter";
import { createPriceBook } from "@burnrate/pricing";
import { sqliteStore } from "@burnrate/store-sqlite";
import { environmentKill } from "./kill-sources/environment-kill.ts";
import { fileKill } from "./kill-sources/file-kill.ts";

/** Seen from where the process was started. */
const KILL_FILE = ".burnrate/kill";
/** Asked at once: a process may go to another folder before it makes its guard. */
const STARTED_IN = process.cwd();

/**
 * Makes a guard with everything that production needs: the default price book, so that money
 * budgets work at once; balances and kills in the SQLite file `.burnrate/state.db`, so that they
 * survive a restart and are shared by the processes of one machine; a journal beside it, so that a
 * crash costs no more than what was in flight; and two ways to stop it from outside, whatever else
 * is down: the file `.burnrate/kill`, and `BURNRATE_KILL` in the environment. Each has an option of
 * its own: `prices`, `store` (`"memory"` forgets with the process; any other one brings no journal),
 * `journal` (`"none"`), `killSources`.
 *
 * @example
 * const guard = createGuard({ budgets: ["$5/day", "$0.50/task"] });
 * @throws {ConfigError} `BR9001` when an option is wrong: says which, and the nearest spelling.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  return createBareGuard(withDefaults(options));
}

function withDefaults(given: GuardOptions): GuardOptions {
  const options = checkObject("createGuard", given) as GuardOptions;
  const { clock } = options;
  const {
    prices = createPriceBook(),
    journal = options.store === undefined ? fileJournal() : "none",
    store = sqliteStore(clock === undefined ? {} : { clock }),
    killSources = defaultKillSources(),
  } = options;
  return { ...options, prices, store, journal, killSources };
}

/**
 * They work when everything else is down. The file is also looked for where the process is now:
 * that is where the store is.
 */
function defaultKillSources(): readonly KillSource[] {
  const sources = [environmentKill(), fileKill(KILL_FILE, STARTED_IN)];
  return process.cwd() === STARTED_IN ? sources : [...sources, fileKill(resolve(KILL_FILE))];
}
