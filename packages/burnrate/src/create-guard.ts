import { createGuard as createBareGuard, type Guard, type GuardOptions } from "@burnrate/core";
import { createPriceBook } from "@burnrate/pricing";

let said = false;

/**
 * Makes a guard with the default price book, so that money budgets work at once.
 *
 * Balances and kills live in memory: they end with the process and reach no other one. That is said
 * once, unless `store: "memory"` says that you know.
 *
 * @example
 * const guard = createGuard({ budgets: ["$5/day", "$0.50/task"] });
 * @throws {ConfigError} `BR9001` when an option is wrong: says which, and the nearest spelling.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  const guard = createBareGuard(withPrices(options));
  if (options.store === undefined && !said) {
    said = true;
    process.emitWarning(
      'Budgets and kills are kept in memory: a restart forgets them, and other processes do not see them. Say store: "memory" if that is meant.',
      { type: "BurnrateWarning", code: "volatile-store" },
    );
  }
  return guard;
}

/** What is no options object, or names prices of its own, goes on as it is and is judged there. */
function withPrices(options: GuardOptions): GuardOptions {
  if (typeof options !== "object" || options === null || options.prices !== undefined)
    return options;
  return { ...options, prices: createPriceBook() };
}
