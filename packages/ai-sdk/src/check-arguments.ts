import { ConfigError, type Guard } from "@burnrate/core";

/**
 * Refuses options that nobody reads, so that a misspelt one is never silently without effect.
 * @throws {ConfigError} `BR9001`
 */
export function checkOptions(hook: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new ConfigError({
      message: `${hook} has no option ${JSON.stringify(key.slice(0, 64))}; it takes ${known.join(", ")}.`,
      scope: `${hook}.${key.slice(0, 64)}`,
    });
  }
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
