import { ConfigError } from "@burnrate/core";
import { type PgPool, pgClient } from "./pg-client.ts";
import type { PostgresClient } from "./postgres-client.ts";
import { type PostgresJs, postgresJsClient } from "./postgres-js-client.ts";

/** Whatever talks to PostgreSQL for the application: opened by it, and closed by it. */
export type PostgresPool = PgPool | PostgresJs;

const EXPECTED = "pool must be a Pool of pg (new Pool(…)) or an instance of postgres (postgres(…))";

/**
 * Tells drivers apart by their methods, so that neither is imported and several copies of one work.
 * @throws {ConfigError} `BR9001` for anything else; what was given is not repeated: it may hold a
 * password.
 */
export function recogniseClient(pool: unknown): PostgresClient {
  if (hasMethods(pool, "function", ["unsafe", "listen"])) {
    return postgresJsClient(pool as unknown as PostgresJs);
  }
  if (hasMethods(pool, "object", ["query", "connect", "on", "removeListener"])) {
    if (typeof pool["totalCount"] === "number") return pgClient(pool as unknown as PgPool);
    throw wrongPool("a single Client, which cannot be shared");
  }
  throw wrongPool(kindOf(pool));
}

function kindOf(pool: unknown): string {
  if (typeof pool === "string") return "a string: connect it yourself, it may hold a password";
  if (pool === undefined) return "nothing";
  return typeof pool === "function" ? "a function without unsafe and listen" : "something else";
}

function wrongPool(given: string): ConfigError {
  return new ConfigError({
    message: `${EXPECTED}; got ${given}.`,
    scope: "pool",
    details: { option: "pool" },
  });
}

function hasMethods(
  value: unknown,
  type: "function" | "object",
  methods: readonly string[],
): value is Record<string, unknown> {
  if (typeof value !== type || value === null) return false;
  try {
    const held = value as Record<string, unknown>;
    return methods.every((method) => typeof held[method] === "function");
  } catch {
    return false;
  }
}
