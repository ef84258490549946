import { ConfigError, type Guard } from "@burnrate/core";
import { checkObject, refuseUnknownKeys } from "@burnrate/core/adapter";
import { NO_OPTIONS } from "./wrap-once.ts";

/**
 * Refuses anything but a guard, whichever copy of the package made it, and misspelt options.
 * @throws {ConfigError} `BR9001` naming the nearest option.
 */
export function checkArguments(
  hook: string,
  guard: Guard,
  options: object,
  allowed: readonly string[],
): void {
  if (typeof guard?.begin !== "function") {
    throw new ConfigError({
      message: `${hook} needs the guard that createGuard() returned.`,
      scope: `${hook}.guard`,
    });
  }
  if (options !== NO_OPTIONS) refuseUnknownKeys(hook, checkObject(hook, options), allowed);
}
