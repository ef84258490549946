import {
  createGuard as createBareGuard,
  type Guard,
  type GuardOptions,
  type KillSource,
} from "@burnrate/core";
import { createPriceBook } from "@burnrate/pricing";
import { environmentKill } from "./kill-sources/environment-kill.ts";
import { fileKill } from "./kill-sources/file-kill.ts";

/** Seen from where the process was started. */
const KILL_FILE = ".burnrate/kill";
let said = false;

/**
 * Makes a guard with the default price book, so that money budgets work at once. It can also be
 * stopped from outside, whatever else is down: by the file `.burnrate/kill`, and by starting the
 * process with `BURNRATE_KILL` (`killSources` replaces both).
 *
 * Balances and kills live in memory: they end with the process and reach no other one. That is said
 * once, unless `store: "memory"` says that you know.
 *
 * @example
 * const guard = createGuard({ budgets: ["$5/day", "$0.50/task"] });
 * @throws {ConfigError} `BR9001` when an option is wrong: says which, and the nearest spelling.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  const guard = createBareGuard(withDefaults(options));
  if (options.store === undefined && !said) {
    said = true;
    process.emitWarning(
      'Budgets and kills are kept in memory: a restart forgets them, and other processes do not see them. Say store: "memory" if that is meant.',
      { type: "BurnrateWarning", code: "volatile-store" },
    );
  }
  return guard;
}

/** What is no options object goes on as it is and is judged there. */
function withDefaults(options: GuardOptions): GuardOptions {
  if (typeof options !== "object" || options === null) return options;
  const { prices = createPriceBook(), killSources = defaultKillSources() } = options;
  return { ...options, prices, killSources };
}

/** Both work when everything else is down. */
function defaultKillSources(): readonly KillSource[] {
  return [environmentKill(), fileKill(KILL_FILE)];
}
