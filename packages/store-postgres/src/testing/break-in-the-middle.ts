import { setTimeout } from "node:timers/promises";
import type pg from "pg";

/** Where the server ends a connection itself, in words that follow "a store that breaks". */
export const IN_THE_MIDDLE = "in the middle of its transaction";

/** Written one after the other by a run, so that each in turn stops it elsewhere. */
const TABLES = ["accounts", "reservations", "leases"];
const PATIENCE_MS = 300;
const POLL_MS = 2;
let rounds = 0;
/** Gives up the break that is still waited for: two at once would end the run that makes up. */
let giveUp = async (): Promise<void> => {};

/** Whose next run is to break. */
interface Victim {
  readonly schema: string;
  /** The name of its connections, which nobody else's have. */
  readonly name: string;
  /** Told before the connection is ended, so that whoever sees the error knows of it. */
  readonly onBreak: () => void;
}

/**
 * Stops the next run at its first write to some table, and ends its connection there. Gives up
 * soon: what is asked may write nothing. Resolves once the table is locked.
 */
export async function breakInTheMiddle(pool: pg.Pool, victim: Victim): Promise<void> {
  await giveUp();
  const { schema, name, onBreak } = victim;
  const table = TABLES[rounds++ % TABLES.length];
  const blocker = await pool.connect();
  await blocker.query(`begin; lock table "${schema}".${table} in share mode`);
  let isWanted = true;
  const watch = async (): Promise<void> => {
    try {
      const startedMs = performance.now();
      while (isWanted && performance.now() - startedMs < PATIENCE_MS) {
        await setTimeout(POLL_MS);
        const waiting = await findWaiting(pool, name);
        if (waiting.length === 0) continue;
        isWanted = false;
        onBreak();
        await pool.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [
          waiting,
        ]);
      }
    } finally {
      await blocker.query("rollback");
      blocker.release();
    }
  };
  const watched = watch().catch(() => {}); // the pool is closed: the test is over
  giveUp = () => {
    isWanted = false;
    return watched;
  };
}

/** The server's processes for those connections of a run that wait for a lock of ours. */
async function findWaiting(pool: pg.Pool, name: string): Promise<readonly number[]> {
  const { rows } = await pool.query<{ readonly pid: number }>(
    `select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = $1`,
    [name],
  );
  return rows.map(({ pid }) => pid);
}
