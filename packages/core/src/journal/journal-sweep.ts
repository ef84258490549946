import { isGuardError } from "../errors/guard-error.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Journal, LeftPart } from "./journal.ts";
import type { JournalReplay, ReplayedJournal } from "./journal-replay.ts";

const LOOK_EVERY_MS = 4_000;
/**
 * Looks in a row that find a journal as it was, before its guard is taken for gone: it would have
 * touched it many times, and its leases are over by then. Looks, not time, because all processes of
 * a machine wake up together.
 */
const SILENT_LOOKS = 3;

interface Seen {
  readonly stamp: string;
  readonly looks: number;
}

/** Who hears of journals that others left. */
export interface SweepListeners {
  onReplayed(replayed: ReplayedJournal): void;
  /** One cannot be read: why, and what that means. */
  onUnreadable(journal: string, message: string): void;
}

/** Looks for what others left behind: when a guard opens, and now and then for as long as it lives. */
export class JournalSweep {
  readonly #journal: Journal;
  readonly #replay: JournalReplay;
  readonly #clock: Clock;
  readonly #listeners: SweepListeners;
  #seen: ReadonlyMap<string, Seen> = new Map();
  readonly #unreadable = new Set<string>();
  #looking: Promise<void> | undefined;
  #cancel: CancelTimer | undefined;
  #isOver = false;

  constructor(journal: Journal, replay: JournalReplay, clock: Clock, listeners: SweepListeners) {
    this.#journal = journal;
    this.#replay = replay;
    this.#clock = clock;
    this.#listeners = listeners;
  }

  /** The first look. Never rejects; what fails is tried again at the next one. */
  async begin(store: string): Promise<void> {
    if (this.#looking !== undefined || this.#isOver) return this.#looking;
    this.#looking = this.#look(store);
    await this.#looking;
    this.#plan(store);
  }

  /** Looks no more; resolves when the last look is over. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#cancel?.();
    await this.#looking;
  }

  #plan(store: string): void {
    if (this.#isOver) return;
    const look = (): void => {
      this.#looking = this.#look(store).finally(() => this.#plan(store));
    };
    this.#cancel = this.#clock.setTimer(look, LOOK_EVERY_MS, "background");
  }

  async #look(store: string): Promise<void> {
    try {
      const seen = new Map<string, Seen>();
      for (const part of await this.#journal.left(store)) {
        const before = this.#seen.get(part.name);
        const looks = before?.stamp === part.stamp ? before.looks + 1 : 1;
        if (this.#unreadable.has(part.name)) continue;
        const isLeft = part.isGone || looks > SILENT_LOOKS;
        if (!isLeft) seen.set(part.name, { stamp: part.stamp, looks });
        else if (this.#isOver || !(await this.#tell(part))) return;
      }
      this.#seen = seen;
    } catch (error) {
      this.#sayUnreadable("folder", error);
    }
  }

  /** False when the store has failed: at the next look it is asked again. */
  async #tell(part: LeftPart): Promise<boolean> {
    try {
      const replayed = await this.#replay.run(part);
      if (replayed !== undefined) this.#listeners.onReplayed(replayed);
    } catch (error) {
      if (isGuardError(error)) return false;
      this.#unreadable.add(part.name);
      this.#sayUnreadable(part.name, error);
    }
    return true;
  }

  #sayUnreadable(name: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#listeners.onUnreadable(
      name,
      `What crashed processes left in a journal cannot be read (${name}: ${why}): what their leases held stays charged as unknown. Correct it with guard.reconcile.`,
    );
  }
}
