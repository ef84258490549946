/** Longest name of an agent, model, tool or evaluator that telemetry keeps, in UTF-16 units. */
export const MAX_NAME_LENGTH = 200;

/** What shares a name once a cap is reached. */
export const OTHER = "other";

/**
 * Cuts a name that is too long to keep; names with the same first 200 units become one.
 * Joining and cutting again copies it: V8's `slice` alone would keep the whole original alive.
 */
export function boundedName(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name;
  return ` ${name.slice(0, MAX_NAME_LENGTH)}`.slice(1).toWellFormed();
}
