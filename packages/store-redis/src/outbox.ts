import type { ClaimedMessage, Outbox } from "@burnrate/core";
import {
  ADD_SCRIPT,
  CLAIM_SCRIPT,
  DONE_SCRIPT,
  RETRY_SCRIPT,
  WAITING_SCRIPT,
} from "./script/outbox-scripts.ts";
import type { Session } from "./session.ts";
import { decodeText, encodeText } from "./text.ts";

/** Messages that one claim takes at most. */
const MOST = 1_000_000;
/** Longer than anybody waits, and exact when it is added to the time. */
const NEVER_MS = 2 ** 52;

/**
 * Messages on Redis: a sorted set for each topic by when they are due, and a hash of their bodies.
 */
export function createRedisOutbox(session: Session): Outbox {
  return {
    add: async (messages) => {
      const given = messages.map(({ id, topic, body, dueAtMs }) => [
        encodeText(id),
        encodeText(topic),
        encodeText(body),
        whole(dueAtMs),
      ]);
      await session.evaluate(ADD_SCRIPT, { messages: given });
    },
    claim: async (topic, limit, leaseMs) => {
      const most = Math.max(0, whole(limit, MOST));
      const given = { topic: encodeText(topic), limit: most, leaseMs: whole(leaseMs) };
      const fields = await session.evaluate(CLAIM_SCRIPT, given);
      return Array.from({ length: fields.length / 4 }, (_, index): ClaimedMessage => {
        const [id, body, dueAtMs, attempts] = fields.slice(4 * index, 4 * index + 4);
        return {
          id: decodeText(String(id)),
          topic,
          body: decodeText(String(body)),
          dueAtMs: Number(dueAtMs),
          attempts: Number(attempts),
        };
      });
    },
    done: async (ids) => {
      await session.evaluate(DONE_SCRIPT, { ids: ids.map(encodeText) });
    },
    retry: async (id, dueAtMs) => {
      await session.evaluate(RETRY_SCRIPT, { id: encodeText(id), dueAtMs: whole(dueAtMs) });
    },
    waiting: async (topic) => {
      const [count] = await session.evaluate(WAITING_SCRIPT, { topic: encodeText(topic) });
      return Number(count);
    },
  };
}

/** JSON has no other numbers, and a script that breaks half-way leaves what it has written. */
function whole(value: number, endless = NEVER_MS): number {
  if (Number.isFinite(value)) return Math.floor(value);
  return value > 0 ? endless : 0;
}
