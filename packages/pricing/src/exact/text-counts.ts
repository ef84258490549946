import { hash } from "node:crypto";

/** Below this many characters a text costs as much to count again as to digest. */
const MIN_LENGTH = 64;

/**
 * Counts of texts by their digest: frameworks make new message objects on every turn, and text that
 * was counted before must not be tokenized again. No text is kept.
 */
export class TextCounts {
  readonly #counts = new Map<string, number>();
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** The name to ask and to remember a text by; undefined when it is not worth it. */
  keyOf(text: string): string | undefined {
    return text.length < MIN_LENGTH ? undefined : hash("sha256", text, "base64");
  }

  get(key: string): number | undefined {
    const count = this.#counts.get(key);
    if (count === undefined) return undefined;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    return count;
  }

  set(key: string, count: number): void {
    const { value: oldest } = this.#counts.keys().next();
    if (this.#counts.size >= this.#cap && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(key, count);
  }
}
