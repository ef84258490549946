import type { StoreLink } from "../lease/store-link.ts";
import type { OnSpent } from "../lease/told-spending.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../ports/clock.ts";
import { inTime } from "../ports/in-time.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Journal } from "./journal.ts";
import { JournalReplay } from "./journal-replay.ts";
import { JournalSweep, type SweepListeners } from "./journal-sweep.ts";
import { LeaseJournal } from "./lease-journal.ts";

/** A look at others' notes that takes longer goes on by itself: nobody waits for a folder that hangs. */
const LOOK_MS = 10_000;

/** A journal, the store that it is about, and who hears of it. */
export interface JournalOptions extends SweepListeners {
  readonly journal: Journal;
  /** The name of the store. */
  readonly storeName: () => MaybePromise<string>;
  /** It cannot be written: why, and what that means. */
  readonly onUnwritten: (message: string) => void;
}

/** How the store is told of what others left. */
export interface JournalStore {
  readonly ledger: Ledger;
  readonly link: StoreLink;
  readonly clock: Clock;
  readonly onSpent: OnSpent;
  readonly nowMs: () => number;
}

/** A guard's own notes, and its look at those that others left. Does nothing without options. */
export class CrashJournal {
  readonly notes: LeaseJournal;
  readonly #options: JournalOptions | undefined;
  readonly #sweep: JournalSweep | undefined;
  readonly #clock: Clock;
  #isOver = false;

  constructor(options: JournalOptions | undefined, store: JournalStore) {
    const { ledger, link, clock, onSpent, nowMs } = store;
    this.#options = options;
    this.#clock = clock;
    this.notes = new LeaseJournal(options?.journal, options?.onUnwritten);
    if (options === undefined) return;
    const replay = new JournalReplay(ledger, link, onSpent, nowMs);
    this.#sweep = new JournalSweep(options.journal, replay, clock, options);
  }

  /** What crashed processes left is told before anything is spent. Rejects when the store does. */
  async open(): Promise<void> {
    if (this.#options === undefined) return;
    const store = await this.#options.storeName();
    await inTime(this.#clock, LOOK_MS, () => this.#sweep?.begin(store));
    if (!this.#isOver) this.notes.open(store);
  }

  /** Looks at others' notes no more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await inTime(this.#clock, LOOK_MS, () => this.#sweep?.end());
  }
}
