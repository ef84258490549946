import { ConfigError, isGuardError, StoreUnavailableError } from "@burnrate/core";
import { MIGRATION_FAULTS, SCHEMA_VERSION } from "./schema/migration.ts";

/** The code of a driver that answers with other columns than it was asked for. */
export const RENAMED_COLUMNS = "RENAMED_COLUMNS";

/** Another process was in the way: asked again, the same statement goes through. */
const RETRIED: readonly (string | undefined)[] = ["40001", "40P01", "23505"];

/** Whether a statement that failed did nothing, and is worth asking again at once. */
export function isConflict(error: unknown): boolean {
  return RETRIED.includes(codeOf(error));
}

/** Whether the store's tables or functions are not there. */
export function isMissing(error: unknown): boolean {
  return ["3F000", "42P01", "42883"].includes(codeOf(error) ?? "");
}

/** What the application must change; keyed by SQLSTATE or the driver's code. */
function remedies(schema: string): Readonly<Record<string, string>> {
  const login = "the server refused the login: check user, password and pg_hba.conf";
  const grants = [
    `GRANT USAGE ON SCHEMA "${schema}" TO <user>`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO <user>`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "${schema}" TO <user>`,
  ];
  const missing = `schema "${schema}" is not as this version left it: run the text of postgresMigration("${schema}")`;
  return {
    "28P01": login,
    "28000": login,
    "3D000": "the database does not exist: create it, or correct its name in the pool's options",
    "42501": `the user lacks a permission on schema "${schema}": ${grants.join("; ")}`,
    "3F000": missing,
    "42P01": missing,
    "42703": missing,
    "42883": missing,
    "0A000":
      "transactions must be read committed: remove default_transaction_isolation from role, database or pool",
    ERR_INVALID_URL:
      "the pool's connection string is no URL: postgres://user:password@host/database",
    ERR_INVALID_ARG_TYPE: "the pool's connection options are of a wrong type",
    [MIGRATION_FAULTS.newer]: `schema "${schema}" is of a newer version than ${SCHEMA_VERSION}, the one that this package knows: update @burnrate/store-postgres, or name another schema`,
    [MIGRATION_FAULTS.foreign]: `schema "${schema}" has tables of something else: name another schema`,
    [MIGRATION_FAULTS.encoding]:
      "the database does not hold Unicode: name one that was created with ENCODING 'UTF8'",
    [MIGRATION_FAULTS.server]: "the server is older than PostgreSQL 13: update it",
    [RENAMED_COLUMNS]:
      "the driver renames the columns of answers: hand in an instance without that (transform of postgres.js)",
  };
}

/** What creating the schema needs, for whoever may not. */
export function cannotMigrate(schema: string): ConfigError {
  return new ConfigError({
    message:
      `The PostgreSQL user may not create schema "${schema}": GRANT CREATE ON DATABASE <database> TO <user>` +
      ` (if the schema exists: GRANT CREATE, USAGE ON SCHEMA "${schema}" TO <user>), or run the text of` +
      ` postgresMigration("${schema}") as its owner and set migrate: false.`,
    scope: "pool",
    details: { schema, code: "42501" },
  });
}

/** What is wrong with the server, for now; keyed by SQLSTATE. */
const OUTAGES: Readonly<Record<string, string>> = {
  "25006":
    "takes no writes: connect to the primary, not to a replica, and leave out default_transaction_read_only",
  "53100": "has no room left on its disk",
  "53200": "has no memory left",
  "53300": "has no connection left: raise max_connections, or make the pools of the fleet smaller",
  "55P03": "waited longer for a lock than lock_timeout lets it: raise that for this pool",
  "57014":
    "was not done within statement_timeout, or somebody cancelled the statement: raise it for this pool",
};

/**
 * Makes the error that a guard understands: what can be mended by configuration is a ConfigError,
 * everything else means that the store cannot be reached. The driver's message is left out, because
 * it may hold a host, a user or a statement's values; its code says enough.
 */
export function toError(error: unknown, schema: string): Error {
  if (isGuardError(error)) return error;
  const code = codeOf(error);
  const remedy = code === undefined ? undefined : remedies(schema)[code];
  const details = { schema, ...(code === undefined ? {} : { code }) };
  if (remedy !== undefined) {
    const message = `PostgreSQL store: ${remedy} (${code}).`;
    return new ConfigError({ message, scope: "pool", details });
  }
  const outage =
    OUTAGES[code ?? ""] ??
    "cannot be reached or did not answer: check that the server runs, and the pool's host and port";
  return new StoreUnavailableError({
    message: `The PostgreSQL store ${outage} (${code ?? "connection lost"}).`,
    scope: "store-postgres",
    details,
  });
}

/** A connection that failed on several addresses keeps the codes in its parts. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, errors, message } = error as Readonly<Record<string, unknown>>;
  if (typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code)) return code;
  // A driver that has no password to answer with says so without a code.
  if (typeof message === "string" && message.startsWith("SASL")) return "28P01";
  return Array.isArray(errors) ? codeOf(errors[0]) : undefined;
}
