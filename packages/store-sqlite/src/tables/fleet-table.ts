import type { KillAcknowledgement } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { decodeText, encodeText } from "../database/text.ts";
import { toInstant } from "../ledger/amount.ts";

const BEAT = `INSERT INTO process (name, lives_until_ms) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET lives_until_ms = excluded.lives_until_ms`;
const LEAVE = "DELETE FROM process WHERE name = ?";
const LIVING = "SELECT name FROM process WHERE lives_until_ms > ? ORDER BY name";
const ACKNOWLEDGE = `INSERT INTO acknowledgement (kill_id, process, aborted, at_ms)
  VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const ACKNOWLEDGEMENTS = `SELECT process, aborted FROM acknowledgement WHERE kill_id = ?
  ORDER BY at_ms, process`;

/** The process lives, until it has said so once more or its time is over. */
export function beat(connection: Connection, name: string, ttlMs: number, nowMs: number): void {
  const untilMs = toInstant(nowMs + ttlMs);
  connection.transaction(() => connection.prepare(BEAT).run(encodeText(name), untilMs));
}

/** The process has ended in order. */
export function leave(connection: Connection, name: string): void {
  connection.transaction(() => connection.prepare(LEAVE).run(encodeText(name)));
}

/** Names of the processes that live. */
export function living(connection: Connection, nowMs: number): string[] {
  const rows = connection.retry(() => connection.prepare(LIVING).all(nowMs));
  return (rows as { readonly name: string }[]).map(({ name }) => decodeText(name));
}

/** The first word of a process on a kill stays. */
export function acknowledge(
  connection: Connection,
  { killId, process, aborted }: KillAcknowledgement,
  nowMs: number,
): void {
  const values = [encodeText(killId), encodeText(process), aborted, nowMs];
  connection.transaction(() => connection.prepare(ACKNOWLEDGE).run(...values));
}

/** Who has a kill in force, first come first. */
export function acknowledgements(connection: Connection, killId: string): KillAcknowledgement[] {
  const rows = connection.retry(() => connection.prepare(ACKNOWLEDGEMENTS).all(encodeText(killId)));
  return (rows as { readonly process: string; readonly aborted: number }[]).map((row) => ({
    killId,
    process: decodeText(row.process),
    aborted: row.aborted,
  }));
}
