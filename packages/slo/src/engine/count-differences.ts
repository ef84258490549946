import { checkObject, optionError, quote, refuseUnknownKeys } from "@burnrate/core/adapter";
import type { CountDifference, ObjectiveCounts } from "./slo-engine.ts";

const OUTCOMES = ["good", "bad", "excluded"] as const;

/**
 * The counts that somebody else has and that are not ours; those that they leave out are not
 * compared.
 * @throws {ConfigError} `BR9001` for what is no counts.
 */
export function differences(
  objective: string,
  ours: ObjectiveCounts,
  theirs: Partial<ObjectiveCounts>,
): CountDifference[] {
  const path = `crossCheck ${quote(objective)}`;
  refuseUnknownKeys(path, checkObject(path, theirs), OUTCOMES);
  return OUTCOMES.flatMap((outcome) => {
    const given = theirs[outcome];
    if (given === undefined || given === ours[outcome]) return [];
    if (!(Number.isFinite(given) && given >= 0)) {
      throw optionError(`${path}.${outcome}`, given, "a finite number of at least 0");
    }
    return [{ objective, outcome, ours: ours[outcome], theirs: given }];
  });
}
