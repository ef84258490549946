import { type CancelTimer, type KillEntry, type NewKillEntry, systemClock } from "@burnrate/core";
import { LostLines } from "./lost-lines.ts";

/** Lines that can be written again when the server loses its last ones, or that wait for others. */
const REMEMBERED = 200;
/** Time between two attempts to read what was missed. */
const RETRY_MS = 100;

/** How a follower reaches the log. */
export interface KillFollowerOptions {
  /** A page of lines above an epoch, and the newest epoch. */
  read(epoch: number): Promise<{ readonly head: number; readonly lines: readonly KillEntry[] }>;
  /** Writes a line once for each nonce. */
  append(entry: NewKillEntry, nonce: string): Promise<unknown>;
}

type Listener = (entry: KillEntry) => void;

/**
 * Tells listeners of every line once and in order, from pushed lines where it can and by reading
 * where one is missing. When the server has lost its last lines (it was restarted from what it had
 * saved a moment before), the lines seen here are written again, once for the whole fleet: a kill
 * must not end because a disk was late. Others may stand under their numbers by then: that is seen
 * by what the newest line says, and they are told, too.
 */
export class KillFollower {
  readonly #options: KillFollowerOptions;
  readonly #listeners = new Set<{ readonly tell: Listener }>();
  readonly #waiting = new Map<number, KillEntry>();
  readonly #remembered = new Map<number, KillEntry>();
  readonly #lost: LostLines;
  /** Newest line that was told; undefined before the log was opened. */
  #told: number | undefined;
  /** Lines were lost, and what stands in their place was not told yet. */
  #isLosing = false;
  #reading = false;
  #readAgain = false;
  #cancelRetry: CancelTimer = () => {};

  constructor(options: KillFollowerOptions) {
    this.#options = options;
    this.#lost = new LostLines((entry, nonce) => options.append(entry, nonce));
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Says where the log stood when it was opened: older lines are read, not told. */
  begin(epoch: number): void {
    this.#told ??= epoch;
  }

  add(tell: Listener): () => void {
    const listener = { tell };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  clear(): void {
    this.#listeners.clear();
    this.#waiting.clear();
    this.#lost.clear();
    this.#cancelRetry();
  }

  /** A line that was pushed, or appended here. */
  arrive(line: KillEntry): void {
    if (this.#told === undefined) return;
    if (line.epoch <= this.#told) {
      if (!this.#isOther(line)) return;
      this.#isLosing = true; // it stands under the number of one that was lost
      this.catchUp();
      return;
    }
    if (this.#isLosing) return; // it is read, in its turn
    if (this.#waiting.size < REMEMBERED) this.#waiting.set(line.epoch, line); // else it is read
    this.#tellWaiting();
    if (this.#waiting.size > 0) this.catchUp();
  }

  /** An epoch that rode on a reply. */
  notice(epoch: number): void {
    if (epoch === this.#told || this.#told === undefined) return;
    if (this.#listeners.size === 0 && epoch > this.#told) this.#told = epoch;
    else this.catchUp();
  }

  /** Reads what was missed, again and again until it succeeds, while somebody listens. */
  catchUp(): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#cancelRetry();
    this.#reading = true;
    this.#readAll()
      .catch(() => {
        if (this.size === 0) return;
        this.#cancelRetry = systemClock.setTimer(() => this.catchUp(), RETRY_MS, "background");
      })
      .finally(() => {
        this.#reading = false;
        if (!this.#readAgain) return;
        this.#readAgain = false;
        this.catchUp();
      });
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const told = this.#told ?? 0;
      const { head, lines } = await this.#options.read(told - 1);
      // Asked after `told` was known: an older answer would show an older head without any loss.
      if (head < told || lines.some((line) => this.#isOther(line))) return this.#restore(told);
      const [first] = lines;
      if (first?.epoch === told) this.#remember(first);
      for (const line of lines) this.#tell(line);
      if (lines.some(({ epoch }) => epoch > told)) continue;
      this.#told = Math.max(this.#told ?? 0, head);
      this.#isLosing = false;
      this.#tellWaiting();
      void this.#lost.write();
      return;
    }
  }

  /** What stands in the place of the lost lines is read first. */
  async #restore(told: number): Promise<void> {
    const from = await this.#firstLost(told);
    const lost = [...this.#remembered.values()].filter(({ epoch }) => epoch >= from);
    for (const { epoch } of lost) this.#remembered.delete(epoch);
    this.#told = from - 1;
    this.#isLosing = false;
    this.#readAgain = true;
    this.#lost.add(lost.filter(({ epoch }) => epoch <= told));
  }

  /** From where the log is another one than what was told of it, or ends. */
  async #firstLost(told: number): Promise<number> {
    let after = Math.min(told, ...this.#remembered.keys()) - 1;
    for (;;) {
      const { head, lines } = await this.#options.read(after);
      const other = lines.find((line) => this.#isOther(line));
      if (other !== undefined) return other.epoch;
      const last = lines.at(-1);
      if (last === undefined || last.epoch >= told) return Math.min(head, told) + 1;
      after = last.epoch;
    }
  }

  /** Whether the number of this line was another one's when that was told. */
  #isOther(line: KillEntry): boolean {
    const known = this.#remembered.get(line.epoch);
    return known !== undefined && JSON.stringify(known) !== JSON.stringify(line);
  }

  #remember(line: KillEntry): void {
    this.#remembered.set(line.epoch, line);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }

  #tellWaiting(): void {
    for (const epoch of this.#waiting.keys()) {
      if (epoch <= (this.#told ?? 0)) this.#waiting.delete(epoch);
    }
    for (;;) {
      const next = this.#waiting.get((this.#told ?? 0) + 1);
      if (next === undefined) return;
      this.#waiting.delete(next.epoch);
      this.#tell(next);
    }
  }

  #tell(line: KillEntry): void {
    if (line.epoch <= (this.#told ?? 0)) return;
    this.#told = line.epoch;
    this.#remember(line);
    this.#lost.drop(line);
    for (const { tell } of [...this.#listeners]) {
      try {
        tell(line);
      } catch {
        // The log has done its part: what a listener makes of a line is its own affair.
      }
    }
  }
}
