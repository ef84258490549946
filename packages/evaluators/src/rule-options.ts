import { checkFraction } from "@burnrate/core/adapter";

/**
 * A threshold on a score.
 * @throws {ConfigError} `BR9001`
 */
export function checkThreshold(factory: string, value: unknown): number {
  return checkFraction(`${factory}().threshold`, value, { allowZero: true });
}
