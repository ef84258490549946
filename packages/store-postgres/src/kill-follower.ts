import { type CancelTimer, type KillEntry, systemClock } from "@burnrate/core";
import type { Listening } from "./client/postgres-client.ts";
import type { Database } from "./database.ts";
import { within } from "./within.ts";

/** How often lines are looked for where no notice comes through. */
const POLL_EVERY_MS = 1_000;

/** Tells listeners of lines that anyone appended, each line to everyone, in order. */
export interface KillFollower {
  subscribe(listener: (entry: KillEntry) => void): () => void;
  /** A number that a reply carried: there are lines up to it. */
  notice(epoch: number): void;
  close(): Promise<void>;
}

/**
 * Follows the kill log from the number at which the store was opened. A notice of the server only
 * says that there may be something: lines are always read from the last one that was told, so that
 * a lost notice loses nothing, and a forged one tells nothing.
 */
export function followKills(database: () => Database): KillFollower {
  const listeners = new Set<{ readonly tell: (entry: KillEntry) => void }>();
  let newest = -1;
  let told = -1;
  let closed = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let listening: Listening | undefined;
  let cancelPoll: CancelTimer = () => {};

  function notice(epoch: number): void {
    newest = Math.max(newest, epoch);
    if (told < 0 || listeners.size === 0) told = newest;
    if (told < newest) look();
    listen();
  }

  /** Begins once the store has answered: that it is down is for whoever reserves to find out. */
  function listen(): void {
    if (listening !== undefined || closed || newest < 0 || listeners.size === 0) return;
    listening = database().listen({ onNotice: look, onListening: look });
    pollLater();
  }

  function pollLater(): void {
    const poll = (): void => {
      look();
      pollLater();
    };
    cancelPoll = systemClock.setTimer(poll, POLL_EVERY_MS, "background");
  }

  /** One question at a time; what is noticed meanwhile asks once more. */
  function look(): void {
    if (closed) return;
    lookAgain = looking !== undefined;
    looking ??= lookUp().finally(() => {
      looking = undefined;
      if (lookAgain) look();
    });
  }

  async function lookUp(): Promise<void> {
    const target = newest;
    try {
      for (const entry of await readKills(database(), told, listening)) tell(entry);
      told = Math.max(told, target); // lines that say nothing any more may be gone
    } catch {
      // Down: the next poll, notice or reply looks again, from the same line.
    }
  }

  function tell(entry: KillEntry): void {
    told = Math.max(told, entry.epoch);
    for (const listener of [...listeners]) {
      try {
        listener.tell(entry);
      } catch {
        // The log has done its part: what a listener makes of a line is its own affair.
      }
    }
  }

  return {
    notice,
    subscribe: (listener) => {
      const subscriber = { tell: listener };
      listeners.add(subscriber);
      listen();
      return () => void listeners.delete(subscriber);
    },
    close: async () => {
      closed = true;
      cancelPoll();
      await within(Promise.all([listening?.stop(), looking])).catch(() => {}); // it is gone anyway
    },
  };
}

/** Lines numbered above `epoch`, in order; asked on the listening connection where there is one. */
export async function readKills(
  { schema, query }: Database,
  epoch: number,
  listening?: Listening,
): Promise<readonly KillEntry[]> {
  const text = `select k.epoch::text as epoch, k.entry from ${schema}.kill_log k
    where k.epoch > $1::text::bigint order by k.epoch`;
  const rows = await within((listening?.query ?? query)(text, [String(epoch)]));
  return rows.map((row) => ({ ...JSON.parse(row["entry"] ?? ""), epoch: Number(row["epoch"]) }));
}
