import { type FSWatcher, watch, writeFileSync } from "node:fs";

/** How often the log is looked at in case that a push was lost, in ms. */
const POLL_MS = 1_000;

/**
 * Tells the processes of this machine that the kill log has grown, and hears it from them: by a
 * small file beside the database that is written with each line, and by looking once a second.
 */
export class KillWatch {
  readonly #path: string;
  readonly #look: () => void;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;

  /** `look` reads what is new; it never throws. */
  constructor(path: string, look: () => void) {
    this.#path = `${path}-kill`;
    this.#look = look;
  }

  /** Begins to listen. Without file notification (none left, or no such file system) only looks. */
  start(): void {
    this.#poll = setInterval(this.#look, POLL_MS).unref();
    try {
      writeFileSync(this.#path, "", { flag: "a", mode: 0o600 });
      this.#watcher = watch(this.#path, { persistent: false }, this.#look);
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // The poll remains, and the epoch that each reply carries.
    }
  }

  /** Wakes everyone. The line is durable already: a wake-up that is lost costs a second. */
  push(epoch: number): void {
    try {
      writeFileSync(this.#path, `${epoch}\n`, { mode: 0o600 });
    } catch {
      // As above.
    }
  }

  stop(): void {
    clearInterval(this.#poll);
    this.#watcher?.close();
  }
}
