/**
 * A text that an answer may rely on: what a tool returned, a document that was retrieved, a page
 * that a model cites. A copy: nothing of what it was read from is kept.
 */
export interface Source {
  /** At most 262,144 characters; empty where only an address is known. */
  readonly text: string;
  /** Who gave it: a tool's or a retriever's name, `model` for what the model itself cites. */
  readonly from: string;
  readonly id?: string;
  readonly url?: string;
  readonly title?: string;
}

/** A source as it is handed in: a text, or whatever of it is known. */
export type GivenSource = string | Partial<Source>;

/** What a call or task relies on when nothing was gathered. */
export const NO_SOURCES: readonly Source[] = Object.freeze([]);
