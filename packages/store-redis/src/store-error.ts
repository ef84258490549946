import { ConfigError, type GuardError, isGuardError, StoreUnavailableError } from "@burnrate/core";
import { LOST } from "./script/store-script.ts";

/** What is wrong with how the store is set up, by the word with which the server refuses. */
const CONFIG_ERRORS: Readonly<Record<string, string>> = {
  NOAUTH: "Redis wants a password. Give the client one.",
  WRONGPASS: "Redis does not know this user or password. Correct those of the client.",
  NOPERM:
    "the Redis user lacks a permission. It needs +@connection +@scripting +@read +@write +time +info +subscribe +unsubscribe +publish, the keys ~*{<namespace>}:* and the channels &*{<namespace>}:*.",
  MOVED:
    "this Redis server is one node of a cluster. Hand in a cluster client: createCluster() of redis, or new Redis.Cluster() of ioredis.",
  WRONGTYPE:
    "keys of this namespace hold something that burnrate has not written. Choose another namespace.",
};

/** What is wrong with the server, for now. */
const OUTAGES: Readonly<Record<string, string>> = {
  OOM: "Redis has no memory left (maxmemory). Nothing was changed. Give it more.",
  READONLY: "Redis is a replica that takes no writes. Connect to the primary.",
  MISCONF: "Redis cannot save to its disk, so it takes no writes. Look at its log.",
  NOREPLICAS: "Redis has too few replicas to take writes.",
  LOADING: "Redis is still loading its data.",
  BUSY: "Redis is busy with a script of somebody else.",
  MASTERDOWN: "Redis has lost its primary.",
  CLUSTERDOWN: "the Redis cluster is down.",
  TRYAGAIN: "the Redis cluster is moving keys.",
};

/** Also from inside a script, where the name is missing: it was renamed or disabled. */
const UNKNOWN_COMMAND = /unknown (?:redis )?command(?: [`'"]([A-Za-z]{1,20})\b)?/i;

/**
 * Makes our error of what a client rejected with. It carries the foreign error's code at most: its
 * message may hold an address or a password.
 */
export function toStoreError(error: unknown): GuardError {
  if (isGuardError(error)) return error;
  const unknown = UNKNOWN_COMMAND.exec(error instanceof Error ? error.message : "");
  if (unknown !== null) return missingCommand(unknown[1]);
  const word = wordOf(error);
  if (word === LOST) return lostData();
  const mistake = word === undefined ? undefined : CONFIG_ERRORS[word];
  if (mistake !== undefined) {
    return new ConfigError({ message: `redisStore: ${mistake}`, scope: "redisStore" });
  }
  const outage = word === undefined ? undefined : OUTAGES[word];
  if (outage !== undefined) return unavailable(outage, word);
  if (word === "ERR") return unavailable("Redis refused a command. Nothing was changed.", word);
  const code = codeOf(error);
  return unavailable(
    `Redis cannot be reached${code === undefined ? "" : ` (${code})`}. What became of the last command is not known. Check that the server runs, and the client's url.`,
    code,
  );
}

/** Somebody emptied the namespace, or it was upgraded: what was spent is not known any more. */
export function lostData(): StoreUnavailableError {
  return unavailable(
    "the data of this namespace is gone: Redis was emptied, restarted without persistence, or upgraded by a newer version. Restart this process to begin anew with what Redis has.",
    "lost",
  );
}

function missingCommand(name = "one that a script calls"): ConfigError {
  return new ConfigError({
    message: `redisStore: Redis does not know a command that the store needs (${name}). Give it back its name (rename-command in redis.conf), or use a server of Redis or Valkey that has it.`,
    scope: "redisStore",
  });
}

/** `BR8001` with the store's name before it. */
export function unavailable(message: string, reason?: string): StoreUnavailableError {
  return new StoreUnavailableError({
    message: `the store is not available: ${message}`,
    scope: "store",
    ...(reason === undefined ? {} : { details: { store: "redis", reason } }),
  });
}

/** The server's own word for it, also where a script has wrapped it in a sentence. */
function wordOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : "";
  if (message.includes("executing the script can't")) return "NOPERM";
  const words = message.match(/\b[A-Z]{3,}\b/g) ?? [];
  const known = words.find((word) => word === LOST || word in CONFIG_ERRORS || word in OUTAGES);
  return known ?? words.find((word) => word === "ERR");
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,39}$/.test(code) ? code : undefined;
}
