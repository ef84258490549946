import type { NewKillEntry } from "./kill-log.ts";

/**
 * A line of the kill log as JSON can hold it. An end that is no finite number is none: such a kill
 * stays in force, where readers of `null` would take it for one that has expired.
 */
export function toStorableKill(entry: NewKillEntry): NewKillEntry {
  if (entry.kind !== "kill" || Number.isFinite(entry.expiresAtMs)) return entry;
  return { ...entry, expiresAtMs: undefined };
}
