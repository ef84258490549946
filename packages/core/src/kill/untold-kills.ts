import type { CancelTimer, Clock } from "../ports/clock.ts";
import { inTime, LATE, LOG_MS } from "../ports/in-time.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { NewKillEntry } from "./kill-log.ts";

const FIRST_RETRY_MS = 500;
/** As often as a store that is down is asked again: calls begin anew with it, and so must kills. */
const MAX_RETRY_MS = 1_000;

/** What kills that wait for their log need of the switch. */
export interface Telling {
  /** Whether it still stops anything here: what was taken back, or is over, nobody need hear of. */
  isInForce(id: string): boolean;
  /** Rejects, or throws, when the log does not take it. */
  tell(kill: NewKillEntry): MaybePromise<unknown>;
}

/**
 * Kills that are in force here and that the log did not take, because the store was down. They are
 * told again until it does, so that other processes and later ones hear of them.
 */
export class UntoldKills {
  readonly #clock: Clock;
  readonly #telling: Telling;
  readonly #kills = new Map<string, NewKillEntry>();
  #cancel: CancelTimer | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(clock: Clock, telling: Telling) {
    this.#clock = clock;
    this.#telling = telling;
  }

  /** The log did not take it. */
  add(kill: NewKillEntry): void {
    this.#kills.set(kill.id, kill);
    if (this.#cancel === undefined) this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.setTimer(() => void this.#tellAll(), this.#retryMs, "background");
  }

  async #tellAll(): Promise<void> {
    const told = await Promise.all([...this.#kills.values()].map((kill) => this.#isTold(kill)));
    this.#cancel = undefined;
    this.#retryMs = told.includes(true)
      ? FIRST_RETRY_MS
      : Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    if (this.#kills.size > 0) this.#later();
  }

  async #isTold(kill: NewKillEntry): Promise<boolean> {
    try {
      const isOver = !this.#telling.isInForce(kill.id);
      const told = isOver || (await inTime(this.#clock, LOG_MS, () => this.#telling.tell(kill)));
      if (told === LATE) return false;
      if (this.#kills.get(kill.id) === kill) this.#kills.delete(kill.id);
      return true;
    } catch {
      return false;
    }
  }
}
