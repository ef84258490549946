import type { KillEntry } from "./kill-log.ts";

/** Newest revives that are remembered. */
const MAX_REVIVES = 1_000;

/**
 * Kills that the log says were taken back: the message of one may come after the log was read, and
 * must not put it into force again. By number and by time, because a log that has lost its last
 * lines gives their numbers anew.
 */
export class RevivedKills {
  readonly #revives = new Map<string, KillEntry & { readonly kind: "revive" }>();

  add(revive: KillEntry & { readonly kind: "revive" }): void {
    this.#revives.delete(revive.id);
    this.#revives.set(revive.id, revive);
    const [oldest] = this.#revives.keys();
    if (this.#revives.size > MAX_REVIVES) this.#revives.delete(oldest as string);
  }

  /** Whether a line is of a kill that was taken back after it. */
  has({ id, epoch, atMs }: KillEntry): boolean {
    const revive = this.#revives.get(id);
    return revive !== undefined && epoch < revive.epoch && atMs <= revive.atMs;
  }
}
