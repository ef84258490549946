import type { Connection } from "../database/connection.ts";

/** Shortest time between two purges by one process, in ms. */
const EVERY_MS = 60_000;
/** Most rows of each table that one purge looks at. */
const ROWS = 5_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const LAST_ACCOUNT =
  "SELECT max(id) AS last FROM (SELECT id FROM account WHERE id > ? ORDER BY id LIMIT ?)";
/**
 * A fixed window that ended long ago, or what was not used for long: tasks, rolling and unspent.
 */
const ACCOUNTS = `DELETE FROM account WHERE id > ? AND id <= ?
  AND open = 0 AND held = 0 AND leased = 0 AND (
    (unknown = 0 AND ends_at_ms < ? - ${7 * DAY_MS}) OR
    (used_at_ms < ? - ${30 * DAY_MS} AND (rolling IS NOT NULL OR
      (unknown = 0 AND (ephemeral = 1 OR settled = 0)))))`;
const PROCESSES = `DELETE FROM process WHERE name IN (
  SELECT name FROM process WHERE lives_until_ms < ? - ${60 * MINUTE_MS} LIMIT ?)`;
const ACKNOWLEDGEMENTS = `DELETE FROM acknowledgement WHERE (kill_id, process) IN (
  SELECT kill_id, process FROM acknowledgement WHERE at_ms < ? - ${10 * MINUTE_MS} LIMIT ?)`;
const MESSAGES = `DELETE FROM outbox WHERE number IN (
  SELECT number FROM outbox WHERE done_at_ms < ? - ${2 * DAY_MS} LIMIT ?)`;

/** Forgets what nobody will ask for any more, a bounded amount a minute. */
export class Purge {
  readonly #connection: Connection;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** The time of day at which the monotonic clock began, by the earliest that was seen. */
  #originMs = Number.POSITIVE_INFINITY;
  /** The account that was looked at last. */
  #cursor = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Hears what time it is. One that is ahead for a moment must not take with it what was spent
   * today: what is forgotten is so by the earliest time that was seen, and what passed since.
   */
  notice(nowMs: number, monotonicMs: number): void {
    this.#originMs = Math.min(this.#originMs, nowMs - monotonicMs);
  }

  /** Purges if it is time, and says whether it was. What fails is tried again a minute later. */
  runIfDue(monotonicMs: number): boolean {
    if (monotonicMs - this.#lastMs < EVERY_MS) return false;
    this.#lastMs = monotonicMs;
    try {
      this.#purge(Math.floor(this.#originMs + monotonicMs));
    } catch {
      // What was asked has been done; nobody needs to hear of housekeeping.
    }
    return true;
  }

  #purge(nowMs: number): void {
    const connection = this.#connection;
    connection.transaction(() => {
      this.#purgeAccounts(nowMs);
      connection.prepare(PROCESSES).run(nowMs, ROWS);
      connection.prepare(ACKNOWLEDGEMENTS).run(nowMs, ROWS);
      connection.prepare(MESSAGES).run(nowMs, ROWS);
    });
  }

  /** Goes round all accounts, some each time. */
  #purgeAccounts(nowMs: number): void {
    if (this.#lastAfter(this.#cursor) === undefined) this.#cursor = 0;
    const last = this.#lastAfter(this.#cursor);
    if (last === undefined) return;
    this.#connection.prepare(ACCOUNTS).run(this.#cursor, last, nowMs, nowMs);
    this.#cursor = last;
  }

  #lastAfter(cursor: number): number | undefined {
    const row = this.#connection.prepare(LAST_ACCOUNT).get(cursor, ROWS);
    return (row as { readonly last: number | null }).last ?? undefined;
  }
}
