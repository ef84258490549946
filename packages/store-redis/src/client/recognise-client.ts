import { optionError } from "@burnrate/core/adapter";
import type { RedisConnection } from "./connection.ts";
import { type IoRedisClient, ioRedisConnection } from "./io-redis.ts";
import { type NodeRedisClient, nodeRedisConnection } from "./node-redis.ts";

const EXPECTED =
  "a client of redis (version 5 or newer: createClient() or createCluster()) or of ioredis (version 5 or newer: new Redis() or new Redis.Cluster())";

const COMMON = ["eval", "duplicate", "subscribe", "on"];
const NODE_REDIS = [...COMMON, "evalSha", "sendCommand", "connect", "destroy"];
const IO_REDIS = [...COMMON, "evalsha", "call", "disconnect"];

/**
 * Tells by its methods which package a client is from: two copies of a package, or two versions,
 * are normal, so its class says nothing.
 * @throws {ConfigError} `BR9001` when it is of neither.
 */
export function recogniseClient(client: unknown): RedisConnection {
  if (hasMethods(client, NODE_REDIS)) {
    return nodeRedisConnection(client as unknown as NodeRedisClient);
  }
  if (hasMethods(client, IO_REDIS)) return ioRedisConnection(client as unknown as IoRedisClient);
  throw optionError("redisStore.client", client, EXPECTED);
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    return methods.every(
      (method) => typeof (value as Record<string, unknown>)[method] === "function",
    );
  } catch {
    return false; // a Proxy that throws is no client
  }
}
