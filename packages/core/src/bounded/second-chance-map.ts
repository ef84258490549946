/** What a bounded map keeps; the map sets `touched` to false and the owner sets it on each use. */
export interface Evictable {
  touched: boolean;
}

/**
 * A map with a cap. When it is full, the oldest entry that was not used since the last look and
 * that `canEvict` lets go makes room (the CLOCK algorithm: marking use costs one write, unlike a
 * list of recency). `onEvict` hears of each entry that went.
 */
export class SecondChanceMap<K, V extends Evictable> {
  readonly #entries = new Map<K, V>();
  readonly #cap: number;
  readonly #canEvict: (value: V) => boolean;
  readonly #onEvict: ((value: V) => void) | undefined;
  #evicted = 0;

  constructor(
    cap: number,
    canEvict: (value: V) => boolean = () => true,
    onEvict?: (value: V) => void,
  ) {
    this.#cap = cap;
    this.#canEvict = canEvict;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many entries made room for others so far. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) value.touched = true;
    return value;
  }

  /** Adds or replaces an entry; false when the map is full of entries that must stay. */
  add(key: K, value: V): boolean {
    const full = this.#entries.size >= this.#cap && !this.#entries.has(key);
    if (full && !this.evict()) return false;
    this.#entries.set(key, value);
    return true;
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  /**
   * Lets one go, of those that are meant; false when none may. Two rounds at most: the first clears
   * the marks, the second finds whatever may go.
   */
  evict(isMeant: (value: V) => boolean = () => true): boolean {
    let looks = this.#entries.size * 2;
    for (const [key, value] of this.#entries) {
      if (looks-- <= 0) return false;
      if (!isMeant(value)) continue;
      if (this.#evictIfIdle(key, value)) return true;
      // Back of the queue: Map iteration visits re-inserted entries again.
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return false;
  }

  /** Takes its mark away where it must stay. */
  #evictIfIdle(key: K, value: V): boolean {
    const isIdle = !value.touched && this.#canEvict(value);
    value.touched = false;
    if (!isIdle) return false;
    this.#entries.delete(key);
    this.#evicted++;
    this.#onEvict?.(value);
    return true;
  }
}
