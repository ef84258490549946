import { ConfigError, type Guard } from "@burnrate/core";
import { checkBoolean, checkObject, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";
import { NO_OPTIONS } from "./wrap-once.ts";

/**
 * Refuses anything but a guard, whichever copy of the package made it, misspelt options, and a
 * `tools` or `provider` that no hook could mean.
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
  if (options === NO_OPTIONS) return;
  const given = checkObject(hook, options);
  refuseUnknownKeys(hook, given, allowed);
  const { tools, provider } = given;
  if (tools !== undefined) checkBoolean(`${hook}.tools`, tools);
  if (provider !== undefined) checkString(`${hook}.provider`, provider);
}
