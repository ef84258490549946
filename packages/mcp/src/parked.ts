/** Most calls of one transport that may wait for a client to come back to them. */
const MAX_PARKED = 1_000;

/** Calls that were answered with "not yet", by what the client will name when it asks again. */
export interface Parked<T> {
  /** Gives what had to make room: one of the oldest, when there are too many. */
  add(key: string, value: T): T | undefined;
  /** The oldest one under a key. */
  get(key: string): T | undefined;
  remove(key: string, value: T): void;
  values(): T[];
}

/** Makes a bounded place for calls that wait. */
export function createParked<T>(): Parked<T> {
  // A map keeps its order: the first key is the oldest one.
  const entries = new Map<string, T[]>();
  let size = 0;
  const remove = (key: string, value: T): void => {
    const all = entries.get(key) ?? [];
    const rest = all.filter((other) => other !== value);
    size -= all.length - rest.length;
    if (rest.length === 0) entries.delete(key);
    else entries.set(key, rest);
  };
  const makeRoom = (): T | undefined => {
    for (const [key, [oldest]] of entries) {
      if (oldest === undefined) continue;
      remove(key, oldest);
      return oldest;
    }
    return undefined;
  };
  return {
    add(key, value) {
      const evicted = size >= MAX_PARKED ? makeRoom() : undefined;
      entries.set(key, [...(entries.get(key) ?? []), value]);
      size += 1;
      return evicted;
    },
    get: (key) => entries.get(key)?.[0],
    remove,
    values: () => [...entries.values()].flat(),
  };
}
