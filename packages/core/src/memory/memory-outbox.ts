import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClaimedMessage, Outbox, OutboxMessage } from "../ports/outbox.ts";

const MAX_MESSAGES = 10_000;
/** Most ids of delivered messages; the oldest makes room. */
const MAX_DONE = 100_000;
const DONE_MS = 2 * 86_400_000;

interface Waiting {
  message: OutboxMessage;
  attempts: number;
  /** Nobody else gets it until then, by the monotonic clock. */
  claimedUntilMs: number;
}

/** Messages that wait as long as the process lives. When it is full it refuses new ones. */
export function createMemoryOutbox(clock: Clock, maxMessages: number = MAX_MESSAGES): Outbox {
  const waiting = new Map<string, Waiting>();
  /** When each was delivered, the oldest first. */
  const delivered = new Map<string, number>();

  function remember(id: string): void {
    const nowMs = clock.monotonicMs();
    delivered.set(id, nowMs);
    for (const [oldest, atMs] of delivered) {
      if (delivered.size <= MAX_DONE && atMs > nowMs - DONE_MS) return;
      delivered.delete(oldest);
    }
  }

  function claimable(topic: string): Waiting[] {
    const [wallMs, nowMs] = [clock.wallMs(), clock.monotonicMs()];
    const isDue = ({ message, claimedUntilMs }: Waiting): boolean =>
      message.topic === topic && message.dueAtMs <= wallMs && claimedUntilMs <= nowMs;
    const due = [...waiting.values()].filter(isDue);
    return due.sort((a, b) => a.message.dueAtMs - b.message.dueAtMs);
  }

  function take(entry: Waiting, leaseMs: number): ClaimedMessage {
    entry.attempts++;
    entry.claimedUntilMs = clock.monotonicMs() + leaseMs;
    return { ...entry.message, attempts: entry.attempts };
  }

  return {
    add(messages) {
      const fresh = new Map<string, OutboxMessage>();
      for (const message of messages) {
        const { id } = message;
        const known = waiting.has(id) || delivered.has(id) || fresh.has(id);
        if (!known) fresh.set(id, { ...message });
      }
      if (waiting.size + fresh.size > maxMessages) throw full(maxMessages);
      for (const [id, message] of fresh) {
        waiting.set(id, { message, attempts: 0, claimedUntilMs: Number.NEGATIVE_INFINITY });
      }
    },
    claim: (topic, limit, leaseMs) =>
      claimable(topic)
        .slice(0, limit)
        .map((entry) => take(entry, leaseMs)),
    done(ids) {
      for (const id of ids) if (waiting.delete(id)) remember(id);
    },
    retry(id, dueAtMs) {
      const entry = waiting.get(id);
      if (entry === undefined) return;
      entry.message = { ...entry.message, dueAtMs };
      entry.claimedUntilMs = Number.NEGATIVE_INFINITY;
    },
    waiting(topic) {
      let count = 0;
      for (const { message } of waiting.values()) if (message.topic === topic) count++;
      return count;
    },
  };
}

function full(cap: number): StoreUnavailableError {
  return new StoreUnavailableError({
    message: `the outbox in memory is full: ${cap} messages wait; deliver some, or use a durable store`,
    details: { cap },
  });
}
