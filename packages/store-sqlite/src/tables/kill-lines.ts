import type { KillEntry, NewKillEntry } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { newestEpoch } from "../ledger/run-operations.ts";

/**
 * Newest lines that are always kept; of older ones kills in force, and the newest limit of each.
 */
const KEPT_LINES = 1_000;
/** How often lines that mean nothing any more are looked for: once in so many. */
const COMPACT_EVERY = 500;

const INSERT = "INSERT INTO kill_log (epoch, line) VALUES (?, ?)";
const READ = "SELECT epoch, line FROM kill_log WHERE epoch > ? ORDER BY epoch";
const DELETE = "DELETE FROM kill_log WHERE epoch = ?";

interface Row {
  readonly epoch: number;
  readonly line: string;
}

/** Numbers a line and keeps it. A kill survives a power cut, whatever durability the money has. */
export function appendLine(connection: Connection, entry: NewKillEntry): KillEntry {
  const append = (): KillEntry => {
    const epoch = newestEpoch(connection) + 1;
    const line: KillEntry = { ...endless(entry), epoch };
    connection.prepare(INSERT).run(epoch, JSON.stringify(line));
    if (epoch % COMPACT_EVERY === 0) compact(connection);
    return line;
  };
  return connection.transaction(append, true);
}

/** Lines after one, in order. */
export function readLines(connection: Connection, after: number): KillEntry[] {
  const rows = connection.retry(() => connection.prepare(READ).all(after)) as Row[];
  return rows.map(({ line }) => JSON.parse(line) as KillEntry);
}

/** An end that text cannot hold is none: such a kill stays in force. */
function endless<T extends NewKillEntry>(entry: T): T {
  if (entry.kind !== "kill" || Number.isFinite(entry.expiresAtMs)) return entry;
  return { ...entry, expiresAtMs: undefined };
}

/**
 * Drops old lines of kills that were revived or have expired, and of limits that were changed
 * again.
 */
function compact(connection: Connection): void {
  const lines = readLines(connection, 0);
  const surplus = lines.length - KEPT_LINES;
  if (surplus <= 0) return;
  const newest = new Map(lines.map((line) => [`${line.kind} ${line.id}`, line.epoch]));
  // The earliest of the newest lines: one jump of the wall clock must not end a kill.
  const nowMs = lines.slice(surplus).reduce((ms, { atMs }) => Math.min(ms, atMs), Infinity);
  for (const line of lines.slice(0, surplus)) {
    if (!isNeeded(line, newest, nowMs)) connection.prepare(DELETE).run(line.epoch);
  }
}

function isNeeded(line: KillEntry, newest: ReadonlyMap<string, number>, nowMs: number): boolean {
  if (line.kind === "limit") return newest.get(`limit ${line.id}`) === line.epoch;
  if (line.kind === "revive") return false;
  if (line.epoch < (newest.get(`revive ${line.id}`) ?? 0)) return false;
  return line.expiresAtMs === undefined || line.expiresAtMs > nowMs;
}
