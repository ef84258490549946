import type { ClaimedMessage, OutboxMessage } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { decodeText, encodeText } from "../database/text.ts";
import { toInstant } from "../ledger/amount.ts";

const ADD = `INSERT INTO outbox (id, topic, body, due_at_ms, free_at_ms, attempts)
  VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`;
const CLAIM = `UPDATE outbox SET attempts = attempts + 1, free_at_ms = ? WHERE number IN (
  SELECT number FROM outbox WHERE topic = ? AND done_at_ms IS NULL AND due_at_ms <= ?
  AND free_at_ms <= ? ORDER BY due_at_ms, number LIMIT ?)
  RETURNING number, id, body, due_at_ms, attempts`;
const DONE = "UPDATE outbox SET done_at_ms = ?, body = '' WHERE id = ? AND done_at_ms IS NULL";
const RETRY = "UPDATE outbox SET due_at_ms = ?, free_at_ms = ? WHERE id = ? AND done_at_ms IS NULL";
const WAITING = "SELECT count(*) AS count FROM outbox WHERE topic = ? AND done_at_ms IS NULL";

interface Row {
  readonly number: number;
  readonly id: string;
  readonly body: string;
  readonly due_at_ms: number;
  readonly attempts: number;
}

/** Adds what is not known yet, all or none. */
export function addMessages(connection: Connection, messages: readonly OutboxMessage[]): void {
  connection.transaction(() => {
    for (const { id, topic, body, dueAtMs } of messages) {
      const due = toInstant(dueAtMs);
      const texts = [encodeText(id), encodeText(topic), encodeText(body)] as const;
      connection.prepare(ADD).run(...texts, due, due);
    }
  });
}

/** Takes what is due and free in one statement, so that no two claim the same. */
export function claimMessages(
  connection: Connection,
  topic: string,
  limit: number,
  leaseMs: number,
  nowMs: number,
): ClaimedMessage[] {
  const freeAtMs = toInstant(nowMs + leaseMs);
  const most = Math.max(0, Math.trunc(limit));
  const rows = connection.transaction(() =>
    connection.prepare(CLAIM).all(freeAtMs, encodeText(topic), nowMs, nowMs, most),
  ) as Row[];
  return rows
    .toSorted((a, b) => a.due_at_ms - b.due_at_ms || a.number - b.number)
    .map(({ id, body, due_at_ms, attempts }) => ({
      id: decodeText(id),
      topic,
      body: decodeText(body),
      dueAtMs: due_at_ms,
      attempts,
    }));
}

/** Delivered: the body goes, the id is remembered. */
export function finishMessages(
  connection: Connection,
  ids: readonly string[],
  nowMs: number,
): void {
  connection.transaction(() => {
    for (const id of ids) connection.prepare(DONE).run(nowMs, encodeText(id));
  });
}

/** Not delivered: due again. */
export function retryMessage(connection: Connection, id: string, dueAtMs: number): void {
  const due = toInstant(dueAtMs);
  connection.transaction(() => connection.prepare(RETRY).run(due, due, encodeText(id)));
}

/** How many messages of a topic wait. */
export function countWaiting(connection: Connection, topic: string): number {
  const row = connection.retry(() => connection.prepare(WAITING).get(encodeText(topic)));
  return (row as { readonly count: number }).count;
}
