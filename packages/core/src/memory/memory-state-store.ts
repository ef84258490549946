import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { StateEntry, StateStore } from "../ports/state-store.ts";

const MAX_KEYS = 100_000;
const DEFAULT_LIMIT = 1_000;

/**
 * Values that live as long as the process. When it is full it refuses new keys: dropping one would
 * lose what somebody counts on.
 */
export function createMemoryStateStore(maxKeys: number = MAX_KEYS): StateStore {
  const entries = new Map<string, StateEntry>();

  function isNewest(key: string, seen: number): boolean {
    return (entries.get(key)?.revision ?? 0) === seen;
  }

  return {
    read: (key) => entries.get(key),
    write(key, value, seen) {
      if (!isNewest(key, seen)) return undefined;
      if (seen === 0 && entries.size >= maxKeys) throw full(maxKeys);
      const revision = seen + 1;
      entries.set(key, { value, revision });
      return revision;
    },
    remove: (key, seen) => seen > 0 && isNewest(key, seen) && entries.delete(key),
    keys(prefix, limit = DEFAULT_LIMIT) {
      const found = [...entries.keys()].filter((key) => key.startsWith(prefix));
      return found.sort().slice(0, limit);
    },
  };
}

function full(cap: number): StoreUnavailableError {
  return new StoreUnavailableError({
    message: `the state in memory is full: it keeps ${cap} values; remove some, or use a durable store`,
    details: { cap },
  });
}
