import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { Journal, JournalPart } from "./journal.ts";

/** Notes are written anew when they are longer than this, and than twice what is left of them. */
const MAX_LENGTH = 262_144;

/** Told when a crash would not be exact, and why. */
export type OnUnwritten = (message: string) => void;

/**
 * Writes the lines of one journal. Where that fails, all of them are taken away, because notes with
 * gaps would be wrong, and begun anew at the next look; meanwhile a crash charges all that leases
 * hold, as without a journal.
 */
export class JournalWriter {
  readonly #journal: Journal;
  readonly #onUnwritten: OnUnwritten;
  /** The shortest lines that say all that is to be known now. */
  readonly #summary: () => string;
  #store: string | undefined;
  #part: JournalPart | undefined;
  /** It could not be taken away: whoever read it would miss what it lacks. */
  #stuck: JournalPart | undefined;
  #hasBegun = false;
  #length = 0;
  #lengthAnew = 0;

  constructor(journal: Journal, onUnwritten: OnUnwritten, summary: () => string) {
    this.#journal = journal;
    this.#onUnwritten = onUnwritten;
    this.#summary = summary;
  }

  /** Whether everything that was given is written. */
  get isWhole(): boolean {
    return this.#part !== undefined;
  }

  /** From now on there is a journal, once there is something to write. */
  open(store: string): void {
    this.#store ??= store;
  }

  /** Adds lines. @throws {StoreUnavailableError} `BR8001` while wrong notes cannot be taken away. */
  write(lines: string): void {
    if (this.#stuck !== undefined) this.#takeAway(this.#stuck);
    if (lines === "") return;
    if (!this.#hasBegun) {
      this.#begin();
      return;
    }
    this.#try((part) => {
      part.append(lines);
      this.#length += lines.length;
    });
    if (this.#length > Math.max(MAX_LENGTH, 2 * this.#lengthAnew)) this.#writeAnew();
  }

  /** Now and then: says that the guard is alive, and begins anew what could not be written. */
  look(): void {
    if (this.#stuck !== undefined) this.#takeAway(this.#stuck);
    if (!this.#hasBegun) return;
    if (this.#part === undefined) this.#begin();
    else this.#try((part) => part.touch());
  }

  /** Nothing is to be known any more. */
  empty(): void {
    if (this.#length > 0) this.#writeAnew();
  }

  /** Leaves the notes to whoever comes next, or takes them away where they say nothing. */
  close(isEmpty: boolean): void {
    try {
      if (isEmpty) this.#part?.discard();
      else this.#part?.leave();
    } catch {
      // What is left of it says nothing.
    }
    this.#part = undefined;
    this.#hasBegun = false;
    this.#store = undefined;
  }

  /** Writes all that is to be known. Never throws; what fails is tried again at the next look. */
  #begin(): void {
    if (this.#store === undefined) return;
    this.#hasBegun = true;
    try {
      this.#part = this.#journal.open(this.#store);
      this.#writeAnew();
    } catch (error) {
      this.#unwritten(error);
    }
  }

  #writeAnew(): void {
    const lines = this.#summary();
    this.#try((part) => {
      part.replace(lines);
      this.#length = lines.length;
      this.#lengthAnew = lines.length;
    });
  }

  /** Writes; when that fails, takes all away. @throws {StoreUnavailableError} `BR8001` */
  #try(write: (part: JournalPart) => void): void {
    const part = this.#part;
    if (part === undefined) return;
    try {
      write(part);
    } catch (error) {
      this.#part = undefined;
      this.#unwritten(error);
      this.#takeAway(part);
    }
  }

  #takeAway(part: JournalPart): void {
    this.#stuck = part;
    try {
      part.discard();
    } catch (cause) {
      throw new StoreUnavailableError({
        message: `the journal has gaps and cannot be removed (${textOf(cause)}), so that a crash would be counted as less than it cost: refused. Remove it, or make its folder writable.`,
        scope: "journal",
      });
    }
    this.#stuck = undefined;
  }

  #unwritten(error: unknown): void {
    this.#onUnwritten(
      `The journal cannot be written (${textOf(error)}): if this process crashes now, all that its leases hold is charged. Make its folder writable; it is tried again by itself.`,
    );
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
