import { ConfigError } from "@burnrate/core";
import type { RedisConnection } from "./client/connection.ts";

/** Oldest server that has what the scripts use (SET … PXAT). */
const OLDEST = [6, 2] as const;

/**
 * Refuses a server on which budgets would not be safe. Asks only INFO, which managed servers allow
 * where they forbid CONFIG.
 * @throws {ConfigError} `BR9001`
 */
export async function checkServer(connection: RedisConnection): Promise<void> {
  if (!connection.isStarted()) {
    throw refuse(
      "client",
      "is not connected, or was closed. Call await client.connect() before the guard starts; whoever made the client closes it, after the guard.",
    );
  }
  const server = fieldsOf(await connection.info("server"));
  checkVersion(server.get("redis_version") ?? "");
  checkCluster(server.get("redis_mode"), connection);
  checkEviction(fieldsOf(await connection.info("memory")).get("maxmemory_policy"));
}

function checkVersion(version: string): void {
  const [major = Number.NaN, minor = 0] = version.split(".").map(Number);
  const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  if (isNewEnough) return;
  throw refuse(
    "client",
    `is of a server of version ${version || "unknown"}; it must be 6.2 or newer.`,
  );
}

function checkCluster(mode: string | undefined, { isCluster }: RedisConnection): void {
  if (mode !== "cluster" || isCluster) return;
  throw refuse(
    "client",
    "is connected to one node of a cluster. Hand in a cluster client: createCluster() of redis, or new Redis.Cluster() of ioredis. A namespace lives on one node; give parts of a fleet namespaces of their own to spread them.",
  );
}

/** A dropped key is a budget that starts anew: whoever made room would hand out its money again. */
function checkEviction(policy: string | undefined): void {
  if (policy === "noeviction") return;
  const found =
    policy === undefined
      ? "does not tell its maxmemory-policy"
      : `has maxmemory-policy ${policy}, which drops keys when memory runs out: a budget whose key is dropped starts anew and its money is spent twice`;
  throw refuse(
    "client",
    `is of a server that ${found}. Set maxmemory-policy to noeviction (redis.conf, CONFIG SET, or the parameter group of a managed server), or use a server of its own for budgets.`,
  );
}

function refuse(option: string, what: string): ConfigError {
  const scope = `redisStore.${option}`;
  return new ConfigError({ message: `${scope} ${what}`, scope });
}

function fieldsOf(report: string): ReadonlyMap<string, string> {
  const lines = report.split(/\r?\n/).map((line) => line.split(":"));
  return new Map(lines.map(([name = "", ...value]) => [name, value.join(":")]));
}
