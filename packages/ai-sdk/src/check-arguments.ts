import { ConfigError, type Guard } from "@burnrate/core";
import { checkObject, optionError, quote, refuseUnknownKeys } from "@burnrate/core/adapter";

/** The most dollars that are counted exactly in nano-dollars. */
const MAX_USD = 9_007_199;

/**
 * Reads options once, and refuses what nobody reads, so that a misspelt one is never silently
 * without effect.
 * @throws {ConfigError} `BR9001` naming the option and the nearest spelling.
 */
export function checkOptions(
  hook: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  const options = checkObject(`the options of ${hook}`, given);
  refuseUnknownKeys(hook, options, known);
  return options;
}

/**
 * Recognises a guard by what it can do, whichever copy of the package made it.
 * @throws {ConfigError} `BR9001`
 */
export function checkGuard(hook: string, guard: Guard): void {
  if (typeof guard?.begin === "function" && typeof guard.openTask === "function") return;
  throw new ConfigError({
    message: `${hook} needs the guard that createGuard() returned.`,
    scope: `${hook}.guard`,
  });
}

/**
 * Prices in dollars a call, for tools that this process executes: a price that no call can have, or
 * of a tool that is not there, would make calls look free. `tools`: those that are known.
 * @throws {ConfigError} `BR9001` naming the tool and the nearest spelling.
 */
export function checkCosts(
  path: string,
  given: unknown,
  tools: readonly string[] | undefined,
): ReadonlyMap<string, number> {
  const prices = new Map<string, number>();
  if (given === undefined) return prices;
  const costs = checkObject(path, given);
  if (tools !== undefined) refuseUnknownKeys(path, costs, tools);
  for (const [tool, usd] of Object.entries(costs)) {
    if (typeof usd !== "number" || !(usd >= 0 && usd <= MAX_USD)) {
      throw optionError(`${path}[${quote(tool)}]`, usd, `dollars a call, from 0 to ${MAX_USD}`);
    }
    prices.set(tool, usd);
  }
  return prices;
}
