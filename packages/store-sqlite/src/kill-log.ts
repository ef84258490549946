import type { KillEntry, KillLog } from "@burnrate/core";
import type { StoreThread } from "./store-thread.ts";

type Listener = (entry: KillEntry) => void;

/** Who listens to the kill log in this process. */
export class KillListeners {
  readonly #subscribers = new Set<{ readonly tell: Listener }>();

  /** In order for everyone; a listener that throws harms nobody. */
  tell(lines: readonly KillEntry[]): void {
    for (const line of lines) {
      for (const subscriber of [...this.#subscribers]) {
        try {
          subscriber.tell(line);
        } catch {
          // The log has done its part: what a listener makes of a line is its own affair.
        }
      }
    }
  }

  add(tell: Listener): () => void {
    const subscriber = { tell };
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }
}

/** The kill log in the file, for all processes of the machine. */
export function createKillLog(thread: StoreThread, listeners: KillListeners): KillLog {
  return {
    durable: true,
    append: (entry) => thread.ask("append", entry),
    read: (epoch) => thread.ask("readLines", epoch),
    subscribe: (listener) => listeners.add(listener),
  };
}
