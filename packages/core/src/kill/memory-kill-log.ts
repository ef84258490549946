import type { KillEntry, KillLog, NewKillEntry } from "./kill-log.ts";

/**
 * Newest lines that are always kept; of older ones kills in force, and the newest limit of each
 * budget.
 */
const KEPT_LINES = 1_000;

/**
 * A kill log that lives as long as the process. `epoch()` is the number of its newest line. Lines
 * of kills that were revived or have expired are dropped in time, so that `read` may show gaps; a
 * kill in force stays, however old.
 */
export function createMemoryKillLog(): KillLog & { epoch(): number } {
  let entries: KillEntry[] = [];
  let epoch = 0;
  let compactAt = 2 * KEPT_LINES;
  const subscribers = new Set<{ readonly tell: (entry: KillEntry) => void }>();
  const untold: KillEntry[] = [];
  let telling = false;

  function compact(): void {
    const revivedAt = new Map<string, number>();
    for (const { kind, id, epoch } of entries) if (kind === "revive") revivedAt.set(id, epoch);
    const surplus = entries.length - KEPT_LINES;
    // The earliest of the newest lines: one jump of the wall clock must not end a kill.
    const nowMs = entries.slice(surplus).reduce((ms, { atMs }) => Math.min(ms, atMs), Infinity);
    const limits = new Map(entries.map((entry) => [`${entry.kind} ${entry.id}`, entry]));
    entries = entries.filter(
      (entry, index) =>
        index >= surplus ||
        (entry.kind === "limit"
          ? limits.get(`limit ${entry.id}`) === entry
          : entry.epoch > (revivedAt.get(entry.id) ?? 0) && isOpen(entry, nowMs)),
    );
    compactAt = 2 * Math.max(KEPT_LINES, entries.length);
  }

  /** In order for everyone, also when a listener appends; a listener that throws harms nobody. */
  function tell(entry: KillEntry): void {
    untold.push(entry);
    if (telling) return;
    telling = true;
    for (let next = untold.shift(); next !== undefined; next = untold.shift()) {
      for (const subscriber of [...subscribers]) {
        try {
          subscriber.tell(next);
        } catch {
          // The log has done its part: what a listener makes of a line is its own affair.
        }
      }
    }
    telling = false;
  }

  return {
    durable: false,
    epoch: () => epoch,
    append(entry: NewKillEntry): KillEntry {
      const numbered = freeze({ ...entry, epoch: ++epoch });
      entries.push(numbered);
      if (entries.length > compactAt) compact();
      tell(numbered);
      return numbered;
    },
    read: (after) => entries.filter((entry) => entry.epoch > after),
    subscribe(listener) {
      const subscriber = { tell: listener };
      subscribers.add(subscriber);
      return () => {
        subscribers.delete(subscriber);
      };
    },
  };
}

/** Frozen through and through: whoever appended it cannot change it after the fact. */
function freeze(entry: KillEntry): KillEntry {
  if (entry.kind !== "kill" || entry.target === "everything") return Object.freeze(entry);
  return Object.freeze({ ...entry, target: Object.freeze({ ...entry.target }) });
}

function isOpen(entry: KillEntry, nowMs: number): boolean {
  if (entry.kind !== "kill") return false;
  return entry.expiresAtMs === undefined || entry.expiresAtMs > nowMs;
}
