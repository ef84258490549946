import { strictEqual } from "node:assert/strict";
import { postgresStore } from "@burnrate/store-postgres";
import { findGuardError, type Store } from "burnrate";
import pg from "pg";

// No server is needed: nothing is sent before a guard opens the store.
const pool = new pg.Pool();
const store: Store = postgresStore({ pool });
strictEqual(typeof store.ledger.reserve, "function");

try {
  // @ts-expect-error not a client
  postgresStore({ pool: {} });
  throw new Error("an empty object was taken for a client");
} catch (error) {
  strictEqual(findGuardError(error)?.code, "BR9001");
}
