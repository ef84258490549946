import {
  closeSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import type { JournalPart } from "../journal.ts";

/** Added to the name of a file that takes another one's place once it is whole. */
export const TEMPORARY = ".tmp";

/** The journal of one guard, in a file that nobody else may read. */
export class FilePart implements JournalPart {
  readonly #path: string;
  readonly #header: string;
  readonly #onLeft: () => void;
  #file: number;

  /** `onLeft` is called when others may take it. */
  constructor(path: string, header: string, onLeft: () => void) {
    this.#path = path;
    this.#header = header;
    this.#onLeft = onLeft;
    this.#file = openSync(path, "ax", 0o600);
    try {
      this.#write(this.#file, header);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  append(lines: string): void {
    this.#write(this.#file, lines);
  }

  replace(lines: string): void {
    if (lines === "") {
      ftruncateSync(this.#file, Buffer.byteLength(this.#header));
      return;
    }
    const temporary = `${this.#path}${TEMPORARY}`;
    rmSync(temporary, { force: true });
    const file = openSync(temporary, "ax", 0o600);
    try {
      this.#write(file, this.#header + lines);
      renameSync(temporary, this.#path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    closeSync(this.#file);
    this.#file = file;
  }

  touch(): void {
    if (fstatSync(this.#file).nlink === 0) throw new Error("it was removed");
    const now = new Date();
    futimesSync(this.#file, now, now);
  }

  discard(): void {
    // Emptied first: who has it open reads nothing, and neither does anybody if it cannot be removed.
    ftruncateSync(this.#file, 0);
    for (const path of [this.#path, `${this.#path}${TEMPORARY}`]) removeQuietly(path);
    this.leave();
  }

  leave(): void {
    closeSync(this.#file);
    this.#onLeft();
  }

  /** A disk that is full takes a part of it, and says so the next time. */
  #write(file: number, text: string): void {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; ) {
      from += writeSync(file, bytes, from);
    }
  }
}

/** In a folder that may not be written it stays, empty. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nobody takes what has no header for a journal.
  }
}
