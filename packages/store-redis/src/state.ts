import type { StateStore } from "@burnrate/core";
import {
  STATE_KEYS_SCRIPT,
  STATE_READ_SCRIPT,
  STATE_REMOVE_SCRIPT,
  STATE_WRITE_SCRIPT,
} from "./script/state-scripts.ts";
import type { Session } from "./session.ts";
import { decodeText, encodeText, fromSortableText, sortableText } from "./text.ts";

const DEFAULT_KEYS = 1_000;

/** Texts by key on Redis: one hash, and a sorted set that keeps their keys in order. */
export function createRedisState(session: Session): StateStore {
  return {
    read: async (key) => {
      const [revision, value] = await session.evaluate(STATE_READ_SCRIPT, {
        key: sortableText(key),
      });
      if (revision === undefined) return undefined;
      return { value: decodeText(String(value)), revision: Number(revision) };
    },
    write: async (key, value, seen) => {
      const given = { key: sortableText(key), value: encodeText(value), seen };
      const [revision] = await session.evaluate(STATE_WRITE_SCRIPT, given);
      return revision === undefined ? undefined : Number(revision);
    },
    remove: async (key, seen) => {
      const [removed] = await session.evaluate(STATE_REMOVE_SCRIPT, {
        key: sortableText(key),
        seen,
      });
      return Number(removed) === 1;
    },
    keys: async (prefix, limit = DEFAULT_KEYS) => {
      const given = { prefix: sortableText(prefix), limit: Math.max(0, Math.floor(limit)) };
      const keys = await session.evaluate(STATE_KEYS_SCRIPT, given);
      return keys.map((key) => fromSortableText(String(key)));
    },
  };
}
