import type { AccountRef, LateCharge, Settlement } from "../ledger/ledger.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { Journal } from "./journal.ts";
import { formatEntry, type JournalEntry, type SentPart } from "./journal-entry.ts";
import { JournalState } from "./journal-state.ts";
import { JournalWriter, type OnUnwritten } from "./journal-writer.ts";

/**
 * A guard's journal. What a call is sent with is written before it is sent; how it ended, and what
 * the store is known to know, a moment later: a crash in between charges the call in full. Does
 * nothing where there is no journal.
 */
export class LeaseJournal {
  readonly #state = new JournalState();
  /** What was settled from leases when the notes on them went away. */
  readonly #taken = new Map<string, number>();
  #writer: JournalWriter | undefined;
  #waiting = "";

  constructor(journal?: Journal, onUnwritten: OnUnwritten = () => {}) {
    if (journal === undefined) return;
    this.#writer = new JournalWriter(journal, onUnwritten, () => this.#summary());
  }

  /** Whether there is a journal. */
  get isKept(): boolean {
    return this.#writer !== undefined;
  }

  /** Whether all that the store may not know would be found by whoever comes next. */
  get isWhole(): boolean {
    return this.#writer?.isWhole === true;
  }

  /** Whether the store knows everything. */
  get isEmpty(): boolean {
    return this.#state.isEmpty;
  }

  /** Before anything is noted. */
  open(store: string): void {
    this.#writer?.open(store);
  }

  /** Before the store is asked for a lease. */
  leaseAsked(id: string, account: AccountRef): void {
    this.#note({ kind: "lease", id, account: withoutSlot(account) });
  }

  /** A call that was taken from leases may be billed from here on; parts are asked for if needed. */
  sent(id: string, atMs: number, parts: () => readonly SentPart[]): void {
    if (this.#writer === undefined || this.#state.isSent(id)) return;
    this.#note({ kind: "sent", id, atMs, parts: parts() });
  }

  /** It has ended. Nothing is noted of one that was never sent. */
  ended(id: string, amounts: () => readonly number[]): void {
    if (this.#state.isSent(id)) this.#note({ kind: "end", id, amounts: amounts() });
  }

  /** What no lease backs of it is charged by itself. */
  unbackedCharged(id: string): void {
    if (this.#state.isSent(id)) this.#note({ kind: "charged", id });
  }

  /** Before the store is asked to hold a call. */
  held(id: string, accounts: number): void {
    this.#note({ kind: "held", id, accounts });
  }

  /** A call that the store holds may be billed from here on. */
  heldSent(id: string): void {
    if (this.#state.isHeld(id)) this.#note({ kind: "held-sent", id });
  }

  /** It has ended, and the store may not know. */
  heldEnded(end: Settlement): void {
    this.#note({ kind: "held-end", end });
  }

  /** Before a call is sent. @throws {StoreUnavailableError} `BR8001` when that would not be safe. */
  write(): void {
    const lines = this.#waiting;
    this.#waiting = "";
    this.#writer?.write(lines);
  }

  charged(charge: LateCharge): void {
    this.#note({ kind: "charge", charge });
  }

  /** The store knows all about a lease, a call that it held, or a charge. */
  known(id: string): void {
    this.#taken.delete(id);
    if (this.#state.isOpen(id)) this.#note({ kind: "known", id });
  }

  /**
   * What others told the store of a lease that they took for a dead process's, if our notes went
   * away since it was asked for.
   */
  settledWhenTaken(id: string): number | undefined {
    return this.#taken.get(id);
  }

  /** The store knows this end of a call; a newer one may still be on its way. */
  endKnown(end: Settlement): void {
    if (this.#state.isNewest(end)) this.#note({ kind: "known", id: end.id });
  }

  /** Now and then: says that the guard is alive. Never throws. */
  look(): void {
    try {
      this.write();
      if (this.#state.isEmpty) this.#writer?.empty();
      const wasWhole = this.isWhole;
      this.#writer?.look();
      if (!wasWhole || this.isWhole) return;
      for (const [id, settled] of this.#state.settled()) this.#taken.set(id, settled);
    } catch {
      // Before the next call is sent it is tried again.
    }
  }

  /** Takes no more notes. Leaves them to whoever comes next, unless the store knows everything. */
  close(): void {
    this.#writeQuietly();
    this.#writer?.close(this.#state.isEmpty);
    this.#writer = undefined;
  }

  #note(entry: JournalEntry): void {
    if (this.#writer === undefined) return;
    this.#state.apply(entry);
    if (this.#waiting === "") queueMicrotask(() => this.#writeQuietly());
    this.#waiting += formatEntry(entry);
  }

  #writeQuietly(): void {
    try {
      this.write();
    } catch {
      // Before the next call is sent it is tried again.
    }
  }

  #summary(): string {
    this.#waiting = "";
    return Array.from(this.#state.entries(), formatEntry).join("");
  }
}
