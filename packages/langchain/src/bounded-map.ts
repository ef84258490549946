/**
 * A map that forgets its oldest entry when it is full, so that runs that never end cost nothing.
 */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;
  readonly #dropped: (value: V) => void;

  constructor(max: number, dropped: (value: V) => void) {
    this.#max = max;
    this.#dropped = dropped;
  }

  get(key: string | undefined): V | undefined {
    return key === undefined ? undefined : this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const [oldest, old] of this.#entries) {
      this.#entries.delete(oldest);
      this.#dropped(old);
      return;
    }
  }

  take(key: string): V | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
