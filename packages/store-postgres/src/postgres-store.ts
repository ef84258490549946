import { ConfigError, type Store } from "@burnrate/core";
import { checkObject, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import { type PostgresPool, recogniseClient } from "./client/recognise-client.ts";
import { openDatabase } from "./database.ts";
import { createFleet } from "./fleet.ts";
import { followKills } from "./kill-follower.ts";
import { createKillLog } from "./kill-log.ts";
import { createPostgresLedger } from "./ledger/postgres-ledger.ts";
import { createOutbox } from "./outbox.ts";
import { migrationSql } from "./schema/migration.ts";
import { createState } from "./state.ts";

/** Where a fleet keeps its budgets and kills. */
export interface PostgresStoreOptions {
  /** A `Pool` of `pg` or an instance of `postgres`; never closed by the store. */
  readonly pool: PostgresPool;
  /**
   * Schema that holds tables and functions: letters, digits and `_` (default `burnrate`). Fleets
   * that name the same one share budgets and kills.
   */
  readonly schema?: string;
  /**
   * Whether the store creates and migrates its schema itself (default true). `false` for users
   * without that right: run the text of `postgresMigration` beforehand.
   */
  readonly migrate?: boolean;
}

const DEFAULT_SCHEMA = "burnrate";
const SCHEMA_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;

/**
 * A store for a fleet on a PostgreSQL server (13 or newer) that the application has anyway: ledger,
 * kill log, fleet, state and outbox. Nothing is opened before it is used.
 *
 * @throws {ConfigError} `BR9001` for options that make no sense. Methods reject with it when the
 * server, the schema or a permission must be changed, and with `BR8001` when the server cannot be
 * reached.
 *
 * @example
 * const guard = createGuard({ store: postgresStore({ pool }), budgets: ["$100/day"] });
 */
export function postgresStore(options: PostgresStoreOptions): Required<Store> {
  const given = checkObject("postgresStore", options, "an object such as { pool }");
  refuseUnknownKeys("postgresStore", given, ["pool", "schema", "migrate"]);
  const { migrate = true } = given;
  if (typeof migrate !== "boolean") throw optionError("migrate", migrate, "true or false");
  const schema = checkSchema(given["schema"]);
  const client = recogniseClient(given["pool"]);

  const follower = followKills(() => database);
  const database = openDatabase(client, { schema, migrate, onOpen: follower.notice });
  const close = async (): Promise<void> => {
    await follower.close();
    database.close();
  };
  return {
    ledger: createPostgresLedger(database, { onEpoch: follower.notice, close }),
    killLog: createKillLog(database, follower),
    fleet: createFleet(database),
    state: createState(database),
    outbox: createOutbox(database),
  };
}

/**
 * The SQL that creates the schema or brings it up to date, for a user who may: safe to run again,
 * and beside stores that are at work.
 *
 * @throws {ConfigError} `BR9001` for a name that is no plain identifier.
 */
export function postgresMigration(schema: string = DEFAULT_SCHEMA): string {
  return `${migrationSql(checkSchema(schema)).trim()};\n`;
}

function checkSchema(given: unknown): string {
  const name = given ?? DEFAULT_SCHEMA;
  const expected = "a name of at most 48 letters, digits and _, not beginning with a digit or pg_";
  if (typeof name !== "string" || !SCHEMA_NAME.test(name) || /^pg_/i.test(name)) {
    throw optionError("schema", name, expected);
  }
  if (name === "public" || name === "information_schema") {
    throw new ConfigError({
      message: `schema must be one of its own, not ${name}.`,
      scope: "schema",
    });
  }
  return name;
}
