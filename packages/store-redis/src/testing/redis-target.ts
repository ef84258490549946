import { hasRedisServer, type RedisServer, startRedisServer } from "./redis-server.ts";

/** Said, and the tests left out, when there is nothing to run them on. */
export const NO_SERVER = "skipped: no redis-server (set REDIS_URL)";

/** The same for tests that a server somewhere else cannot serve. */
export const NO_BINARY = "skipped: no redis-server on the PATH, to be crashed and restarted";

/** Whether tests can run on a server that they share; a failure where services are required. */
export function canRunRedis(): boolean {
  return process.env["REDIS_URL"] !== undefined || canStartRedis();
}

/** Whether tests can have servers of their own, which they configure, crash and restart. */
export function canStartRedis(): boolean {
  if (hasRedisServer()) return true;
  if (process.env["BURNRATE_REQUIRE_SERVICES"] === "1") {
    throw new Error("BURNRATE_REQUIRE_SERVICES=1, but there is no redis-server on the PATH");
  }
  console.warn(process.env["REDIS_URL"] === undefined ? NO_SERVER : NO_BINARY);
  return false;
}

/** A server to share: the one at `REDIS_URL`, or one that is started for it. */
export interface RedisTarget {
  readonly url: string;
  stop(): Promise<void>;
}

/** Gives the server at `REDIS_URL`, or starts one. */
export async function openRedisTarget(): Promise<RedisTarget> {
  const url = process.env["REDIS_URL"];
  if (url !== undefined) return { url, stop: async () => {} };
  const server: RedisServer = await startRedisServer();
  return { url: server.url, stop: () => server.stop() };
}
