import type { KillEntry, NewKillEntry } from "@burnrate/core";

/**
 * Lines that the server has lost, to be written again once for the whole fleet. They wait for as
 * long as it takes no writes, as a primary that was just made a replica, and only until the log
 * says the same, or something newer: a limit that was changed since must not be changed back, nor
 * a kill that was taken back be pulled again.
 */
export class LostLines {
  readonly #append: (entry: NewKillEntry, nonce: string) => Promise<unknown>;
  readonly #waiting = new Set<KillEntry>();
  #isWriting = false;

  /** `append` writes a line once for each nonce. */
  constructor(append: (entry: NewKillEntry, nonce: string) => Promise<unknown>) {
    this.#append = append;
  }

  add(lines: readonly KillEntry[]): void {
    for (const line of lines) {
      this.drop(line);
      this.#waiting.add(line);
    }
  }

  /** The log has this line: what it says, and what it takes back, is not written again. */
  drop({ kind, id }: KillEntry): void {
    for (const lost of this.#waiting) {
      const isSaid = lost.kind === kind || (lost.kind === "kill" && kind === "revive");
      if (isSaid && lost.id === id) this.#waiting.delete(lost);
    }
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** Once the log was read to its end. What fails now is for the next time. Never rejects. */
  async write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      for (const line of this.#waiting) {
        const { epoch, ...entry } = line;
        await this.#append(entry, `again:${epoch}:${line.kind}:${line.atMs}:${line.id}`);
        this.#waiting.delete(line);
      }
    } catch {
      // The server takes no writes yet, or is gone: whoever reads the log tries again.
    } finally {
      this.#isWriting = false;
    }
  }
}
