import { strictEqual } from "node:assert/strict";
import { redisStore } from "@burnrate/store-redis";
import { findGuardError, type Store } from "burnrate";
import { createClient } from "redis";

// No server is needed: nothing is sent before a guard opens the store.
const client = createClient();
const store: Store = redisStore({ client });
strictEqual(typeof store.ledger.reserve, "function");

try {
  // @ts-expect-error not a client
  redisStore({ client: {} });
  throw new Error("an empty object was taken for a client");
} catch (error) {
  strictEqual(findGuardError(error)?.code, "BR9001");
}
