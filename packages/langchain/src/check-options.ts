import { checkObject, refuseUnknownKeys } from "@burnrate/core/adapter";
import { NO_OPTIONS } from "./wrap-once.ts";

/**
 * Refuses misspelt options of a hook.
 * @throws {ConfigError} `BR9001` naming the nearest option.
 */
export function checkOptions(hook: string, options: object, allowed: readonly string[]): void {
  if (options !== NO_OPTIONS) refuseUnknownKeys(hook, checkObject(hook, options), allowed);
}
