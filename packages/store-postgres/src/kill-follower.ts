import { type CancelTimer, type KillEntry, systemClock } from "@burnrate/core";
import type { Listening } from "./client/postgres-client.ts";
import type { Database } from "./database.ts";
import { type KillLine, type KillPage, readPage, toEntry } from "./kill-lines.ts";
import { within } from "./within.ts";

/** How often lines are looked for where no notice comes through. */
const POLL_EVERY_MS = 1_000;
/** Newest lines whose words are remembered. */
const REMEMBERED = 200;

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
 * a lost notice loses nothing, and a forged one tells nothing. When the server has lost its last
 * lines (it failed over to a replica that had not got them), others stand under their numbers
 * before long: told by the words of the newest line, these are told, too.
 */
export function followKills(database: () => Database): KillFollower {
  const listeners = new Set<{ readonly tell: (entry: KillEntry) => void }>();
  let told = -1;
  const words = new Map<number, string>();
  let closed = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let listening: Listening | undefined;
  let cancelPoll: CancelTimer = () => {};

  function notice(epoch: number): void {
    if (told < 0 || listeners.size === 0) told = Math.max(told, epoch);
    if (told < epoch) look();
    listen();
  }

  /** Begins once the store has answered: that it is down is for whoever reserves to find out. */
  function listen(): void {
    if (listening !== undefined || closed || told < 0 || listeners.size === 0) return;
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
    const before = told;
    try {
      let page = await readPage(database(), before - 1, listening);
      const isLost = page.head < before || isChanged(page, before);
      if (isLost)
        page = await readPage(database(), Math.min(before, ...words.keys()) - 1, listening);
      for (const line of page.lines) {
        const known = words.get(line.epoch);
        const isNew = line.epoch > before || (known !== undefined && known !== line.entry);
        remember(line);
        if (isNew) tell(line);
      }
      // Asked after `before` was known; lines that say nothing any more may be gone.
      told = isLost ? page.head : Math.max(told, page.head);
    } catch {
      // Down: the next poll, notice or reply looks again, from the same line.
    }
  }

  function isChanged({ lines }: KillPage, epoch: number): boolean {
    const known = words.get(epoch);
    return known !== undefined && known !== lines.find((line) => line.epoch === epoch)?.entry;
  }

  function remember({ epoch, entry }: KillLine): void {
    words.set(epoch, entry);
    const [oldest] = words.keys();
    if (words.size > REMEMBERED && oldest !== undefined) words.delete(oldest);
  }

  function tell(line: KillLine): void {
    told = Math.max(told, line.epoch);
    const entry = toEntry(line);
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
