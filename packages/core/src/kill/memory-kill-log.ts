import type { KillEntry, KillLog, NewKillEntry } from "./kill-log.ts";

/** Lines of ended kills that are kept; kills in force are always kept. */
const KEPT_LINES = 1_000;

/** A kill log that lives as long as the process. `epoch()` is the number of its newest line. */
export function createMemoryKillLog(): KillLog & { epoch(): number } {
  let entries: KillEntry[] = [];
  let epoch = 0;
  const listeners = new Set<(entry: KillEntry) => void>();

  function compact(): void {
    const revived = new Set(entries.filter((entry) => entry.kind === "revive").map((e) => e.id));
    const surplus = entries.length - KEPT_LINES;
    entries = entries.filter((entry, index) => index >= surplus || !revived.has(entry.id));
  }

  return {
    durable: false,
    epoch: () => epoch,
    append(entry: NewKillEntry): KillEntry {
      const numbered: KillEntry = Object.freeze({ ...entry, epoch: ++epoch });
      entries.push(numbered);
      if (entries.length > 2 * KEPT_LINES) compact();
      for (const listener of listeners) listener(numbered);
      return numbered;
    },
    read: (after) => entries.filter((entry) => entry.epoch > after),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
