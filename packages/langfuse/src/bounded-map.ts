/** A map that forgets its oldest entry to make room. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /** Returns what it forgot. */
  set(key: string, value: V): V | undefined {
    let forgotten: V | undefined;
    if (!this.#entries.has(key) && this.#entries.size >= this.#max) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) forgotten = this.take(oldest);
    }
    this.#entries.set(key, value);
    return forgotten;
  }

  /** Removes and returns it. */
  take(key: string): V | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }
}
