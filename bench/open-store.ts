import { postgresStore } from "@burnrate/store-postgres";
import { redisStore } from "@burnrate/store-redis";
import { type Store, sqliteStore } from "burnrate";
import pg from "pg";
import { createClient } from "redis";

/** Where a store of several processes keeps its data. */
export interface StorePlace {
  readonly kind: "sqlite" | "redis" | "postgres";
  /** A file, or the address of a server. */
  readonly at: string;
}

/** A store, and how to end what it stands on. */
export interface OpenedStore {
  readonly store: Store;
  /** Ends the connections that were made for it; the store has been closed before. */
  end(): Promise<void>;
}

/** Opens the same data in whatever process. */
export async function openStore({ kind, at }: StorePlace): Promise<OpenedStore> {
  if (kind === "sqlite") return { store: sqliteStore({ path: at }), end: async () => {} };
  if (kind === "postgres") {
    const pool = new pg.Pool({ connectionString: at, max: 4 });
    pool.on("error", () => {}); // the server ends what the pool has not quite ended yet
    return { store: postgresStore({ pool }), end: () => pool.end() };
  }
  const client = createClient({ url: at });
  await client.connect();
  return { store: redisStore({ client }), end: async () => client.destroy() };
}
