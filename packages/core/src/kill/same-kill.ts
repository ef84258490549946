import type { ActiveKill } from "./kill-switch.ts";

/** Epoch of what is in force here, but not in the log. */
export const NOT_LOGGED = 0;

/**
 * Whether a line of the log is the kill that is in force here. The id alone does not say: where an
 * `ids` option repeats itself, a kill must not pass for another one. Nor does the number: a kill
 * that is told again, because the log did not answer, may be in it more than once.
 */
export function isSameKill(held: ActiveKill, line: ActiveKill): boolean {
  if (held.id !== line.id) return false;
  if (held.epoch !== NOT_LOGGED && held.epoch === line.epoch) return true;
  if (held.atMs !== line.atMs || targetText(held) !== targetText(line)) return false;
  return held.epoch === NOT_LOGGED || orderText(held) === orderText(line);
}

function orderText({ level, reason, by, expiresAtMs }: ActiveKill): string {
  return JSON.stringify([level, reason, by, expiresAtMs]);
}

/** A store may give the fields of a scope back in another order. */
function targetText({ target, account }: ActiveKill): string {
  return JSON.stringify([
    account,
    target === "everything" ? target : Object.entries(target).sort(),
  ]);
}
