import { randomUUID } from "node:crypto";
import type { AccountRef, Reservation, Store } from "@burnrate/core";
import pg from "pg";
import { postgresStore } from "../postgres-store.ts";

/** A store on a pool of its own. */
export interface OpenStore extends Store {
  readonly pool: pg.Pool;
  /** Closes store and pool. */
  end(): Promise<void>;
}

/** Opens a store on a server, with a pool that ends with it. */
export function openStore(url: string, schema: string, options: pg.PoolConfig = {}): OpenStore {
  const pool = new pg.Pool({ connectionString: url, max: 4, ...options });
  pool.on("error", () => {}); // tests cut connections, also while a pool ends
  const store = postgresStore({ pool, schema });
  const end = async (): Promise<void> => {
    await store.ledger.close();
    await pool.end();
  };
  return { ...store, pool, end };
}

/** An account of all time. */
export function accountOf(key: string, limit: number, given: Partial<AccountRef> = {}): AccountRef {
  const forever = { startsAtMs: Number.NEGATIVE_INFINITY, endsAtMs: Number.POSITIVE_INFINITY };
  return {
    key,
    windowKey: "total",
    window: { kind: "fixed", ...forever },
    unit: "usd",
    limit,
    limitVersion: 1,
    org: "acme",
    ephemeral: false,
    ...given,
  };
}

/** A reservation of one amount on some accounts. */
export function reservationOf(
  accounts: readonly AccountRef[],
  amount: number,
  given: Partial<Reservation> = {},
): Reservation {
  const amounts = accounts.map(() => amount);
  const common = { expiresInMs: 60_000, atMs: Date.now(), dispatched: true };
  return { id: randomUUID(), accounts, amounts, ...common, ...given };
}
