import { type CancelTimer, systemClock } from "@burnrate/core";
import type { ListenHandlers, Listening, PostgresClient, Row } from "./postgres-client.ts";

/** What is used of a connection of `pg`. */
interface PgConnection {
  query(text: string, values?: string[]): Promise<{ readonly rows: unknown }>;
  on(event: "notification" | "error" | "end", listener: () => void): unknown;
  release(destroy: boolean): void;
  unref?(): void;
}

/** What is used of a `Pool` of `pg` (8.11 or newer). */
export interface PgPool {
  query(text: string, values?: (string | null)[]): Promise<{ readonly rows: unknown }>;
  connect(): Promise<PgConnection>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "remove", listener: () => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "remove", listener: () => void): unknown;
  readonly totalCount: number;
  readonly options?: { readonly max?: number };
  /** Somebody called `end`: the pool waits for all that is still out. */
  readonly ending?: boolean;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const ANSWER_MS = 5_000;

/** On how many connections of a pool stores listen: there may be several on one. */
const listeners = new WeakMap<PgPool, number>();

/**
 * Takes one connection of a pool to listen on, and gives it back. The last one is left to the
 * ledger: who listens on it would starve it.
 */
function takePlace(pool: PgPool): (() => void) | undefined {
  const taken = listeners.get(pool) ?? 0;
  if (taken + 1 >= (pool.options?.max ?? Number.POSITIVE_INFINITY)) return undefined;
  listeners.set(pool, taken + 1);
  let giveBack = (): void => {
    giveBack = () => {};
    listeners.set(pool, (listeners.get(pool) ?? 1) - 1);
  };
  return () => giveBack();
}

/**
 * The driver `pg`: statements without a name, so that a pooler in transaction mode may be between.
 */
export function pgClient(pool: PgPool): PostgresClient {
  // A pool without a listener ends the process when the server closes an idle connection.
  const ignore = (): void => {};
  pool.on("error", ignore);
  return {
    query: async (text, values) => (await pool.query(text, [...values])).rows as readonly Row[],
    listen: (channel, handlers) => listen(pool, channel, handlers),
    release: () => void pool.removeListener("error", ignore),
  };
}

/** Keeps one connection of the pool on a channel, and gets a new one when it breaks. */
function listen(pool: PgPool, channel: string, handlers: ListenHandlers): Listening {
  let connection: PgConnection | undefined;
  let listens = false;
  let stopped = false;
  let retryMs = FIRST_RETRY_MS;
  let cancelRetry: CancelTimer = () => {};
  const leavePlace = takePlace(pool);

  async function open(): Promise<void> {
    const opened = await pool.connect();
    const lose = (): void => drop(opened);
    for (const event of ["error", "end"] as const) opened.on(event, lose);
    opened.on("notification", handlers.onNotice);
    connection = opened;
    if (stopped) return drop(opened);
    await opened.query(`listen ${channel}`);
    opened.unref?.();
    listens = connection === opened;
    retryMs = FIRST_RETRY_MS;
    handlers.onListening();
  }

  function drop(lost: PgConnection | undefined): void {
    if (lost === undefined || connection !== lost) return;
    connection = undefined;
    listens = false;
    lost.release(true);
    retryLater();
  }

  function retryLater(): void {
    cancelRetry();
    if (stopped) return;
    cancelRetry = systemClock.setTimer(start, retryMs, "background");
    retryMs = Math.min(LAST_RETRY_MS, 2 * retryMs);
  }

  function start(): void {
    open().catch(() => (connection === undefined ? retryLater() : drop(connection)));
  }

  /** A pool that is being ended would wait for this connection for ever. */
  function letGoOfEnded(): void {
    if (pool.ending !== true || stopped) return;
    stopped = true;
    cancelRetry();
    drop(connection);
    leavePlace?.();
    pool.removeListener("remove", letGoOfEnded);
  }

  pool.on("remove", letGoOfEnded);
  if (leavePlace !== undefined) start();
  return {
    query: async (text, values) => {
      letGoOfEnded();
      const asked = listens ? connection : undefined;
      if (asked === undefined) return (await pool.query(text, [...values])).rows as readonly Row[];
      // A connection that died without a word never answers.
      const cancel = systemClock.setTimer(() => drop(asked), ANSWER_MS, "background");
      try {
        return (await asked.query(text, [...values])).rows as readonly Row[];
      } catch (error) {
        drop(asked);
        throw error;
      } finally {
        cancel();
      }
    },
    stop: async () => {
      stopped = true;
      cancelRetry();
      pool.removeListener("remove", letGoOfEnded);
      drop(connection); // one that is being opened is dropped once it is
      leavePlace?.();
    },
  };
}
