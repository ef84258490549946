import type { CountDifference, ObjectiveCounts } from "./slo-engine.ts";

const OUTCOMES = ["good", "bad", "excluded"] as const;

/** The counts that somebody else has and that are not ours; those that they leave out are not compared. */
export function differences(
  objective: string,
  ours: ObjectiveCounts,
  theirs: Partial<ObjectiveCounts>,
): CountDifference[] {
  return OUTCOMES.flatMap((outcome) => {
    const given = theirs[outcome];
    if (given === undefined || given === ours[outcome]) return [];
    return [{ objective, outcome, ours: ours[outcome], theirs: given }];
  });
}
