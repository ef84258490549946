import type { Store } from "@burnrate/core";
import { checkObject, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import type { IoRedisClient } from "./client/io-redis.ts";
import type { NodeRedisClient } from "./client/node-redis.ts";
import { recogniseClient } from "./client/recognise-client.ts";
import { createRedisFleet } from "./fleet.ts";
import { createRedisKillLog } from "./kill-log.ts";
import { createRedisLedger } from "./ledger.ts";
import { createRedisOutbox } from "./outbox.ts";
import { Session } from "./session.ts";
import { createRedisState } from "./state.ts";

const KEYS = ["client", "namespace", "timeoutMs"] as const;
const DEFAULT_NAMESPACE = "burnrate";
const DEFAULT_TIMEOUT_MS = 5_000;
/** What cannot end the hash tag, and is easy to read in a list of keys. */
const NAMESPACE = /^[\w.:-]{1,100}$/;

/** What `redisStore` is told. */
export interface RedisStoreOptions {
  /**
   * A client of `redis` or `ioredis`, connected by you and never closed by us. A second connection
   * is made from it (`client.duplicate()`) to listen for kills; that one is closed with the store.
   */
  readonly client: NodeRedisClient | IoRedisClient;
  /**
   * Guards of one namespace share budgets and kills (default `burnrate`). Letters, digits and
   * `_ . : -`. On a cluster a namespace lives on one node.
   */
  readonly namespace?: string;
  /**
   * Longest wait for an answer of the server in milliseconds, 10 to 600,000 (default 5,000). Calls
   * of a guard wait for two seconds at most, whatever is said here.
   */
  readonly timeoutMs?: number;
}

/**
 * A store on Redis or Valkey 6.2 or newer: budgets, kills and state that a fleet of processes
 * shares. Nothing is sent before the guard is ready.
 *
 * @example
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * const guard = createGuard({ budgets: ["$5/day"], store: redisStore({ client }) });
 * @throws {ConfigError} `BR9001` for options that make no sense, here; for a server that would lose
 * budgets, or data of a newer version, when the store is opened.
 */
export function redisStore(options: RedisStoreOptions): Required<Store> {
  const given = checkObject("redisStore", options, "an object such as { client }");
  refuseUnknownKeys("redisStore", given, KEYS);
  const session = new Session({
    connection: recogniseClient(given["client"]),
    namespace: checkNamespace(given["namespace"]),
    timeoutMs: checkTimeout(given["timeoutMs"]),
  });
  const killLog = createRedisKillLog(session);
  const ledger = createRedisLedger({
    session,
    onEpoch: (epoch) => killLog.notice(epoch),
    close: async () => {
      session.close();
      await killLog.close();
    },
  });
  const { durable, append, read, subscribe } = killLog;
  return {
    ledger,
    killLog: { durable, append, read, subscribe },
    fleet: createRedisFleet(session),
    state: createRedisState(session),
    outbox: createRedisOutbox(session),
  };
}

function checkNamespace(value: unknown = DEFAULT_NAMESPACE): string {
  if (typeof value === "string" && NAMESPACE.test(value)) return value;
  throw optionError(
    "redisStore.namespace",
    value,
    "1 to 100 letters, digits, underscores, dots, colons or hyphens",
  );
}

function checkTimeout(value: unknown = DEFAULT_TIMEOUT_MS): number {
  if (Number.isSafeInteger(value) && (value as number) >= 10 && (value as number) <= 600_000) {
    return value as number;
  }
  throw optionError("redisStore.timeoutMs", value, "a whole number from 10 to 600,000");
}
