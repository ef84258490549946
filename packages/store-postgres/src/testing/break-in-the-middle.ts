import { setTimeout } from "node:timers/promises";
import type pg from "pg";

/** Where the server ends a connection itself, in words that follow "a store that breaks". */
export const IN_THE_MIDDLE = "in the middle of its transaction";

/** Written one after the other by a run, so that each in turn stops it elsewhere. */
const TABLES = ["accounts", "reservations", "leases"];
const PATIENCE_MS = 300;
const POLL_MS = 2;
let rounds = 0;

/** Whose next run is to break. */
interface Victim {
  readonly schema: string;
  /** The name of its connections, which nobody else's have. */
  readonly name: string;
  readonly onBreak: () => void;
}

/**
 * Stops the next run at its first write to some table, and ends its connection there. Gives up
 * soon: what is asked may write nothing. Resolves once the table is locked.
 */
export async function breakInTheMiddle(pool: pg.Pool, victim: Victim): Promise<void> {
  const { schema, name, onBreak } = victim;
  const table = TABLES[rounds++ % TABLES.length];
  const blocker = await pool.connect();
  await blocker.query(`begin; lock table "${schema}".${table} in share mode`);
  const watch = async (): Promise<void> => {
    try {
      const startedMs = performance.now();
      let isEnded = false;
      while (!isEnded && performance.now() - startedMs < PATIENCE_MS) {
        await setTimeout(POLL_MS);
        isEnded = await endWaiting(pool, name);
      }
      if (isEnded) onBreak();
    } finally {
      await blocker.query("rollback");
      blocker.release();
    }
  };
  void watch().catch(() => {}); // the pool is closed: the test is over
}

/** Ends the connection of a run that waits for a lock of ours. */
async function endWaiting(pool: pg.Pool, name: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where wait_event_type = 'Lock' and application_name = $1`,
    [name],
  );
  return (rowCount ?? 0) > 0;
}
