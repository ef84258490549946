import { StoreUnavailableError } from "@burnrate/core";
import type { ListenHandlers, Listening, PostgresClient, Row } from "./client/postgres-client.ts";
import { killChannel, MIGRATION_FAULTS, migrationSql, SCHEMA_VERSION } from "./schema/migration.ts";
import { cannotMigrate, isConflict, isMissing, RENAMED_COLUMNS, toError } from "./to-error.ts";
import { within } from "./within.ts";

/** Times that a statement is asked again when another process was in the way. */
const RETRIES = 8;
/**
 * So long one opening is waited for before there is another, which takes a further connection of
 * the pool: it may be behind somebody's lock, or on a connection that nobody answers any more.
 */
const OPENING_MS = 30_000;

type Value = string | number | null;

/** One schema of one database, opened at the first question. */
export interface Database {
  /** The schema's name as it stands in statements. */
  readonly schema: string;
  /** Migrates; one that failed is tried again by whoever asks next. */
  ready(): Promise<void>;
  /** Asks, and waits for the answer for so long (5 s unless told otherwise). */
  query(text: string, values?: readonly Value[], answerMs?: number): Promise<readonly Row[]>;
  listen(handlers: ListenHandlers): Listening;
  close(): void;
}

/** What the store was told. */
export interface DatabaseOptions {
  readonly schema: string;
  readonly migrate: boolean;
  /** Told the newest kill epoch each time that the store was opened. */
  readonly onOpen: (killEpoch: number) => void;
}

/** Wraps a driver: opens once, repeats what lost a race, and speaks in the guard's errors. */
export function openDatabase(client: PostgresClient, options: DatabaseOptions): Database {
  const schema = `"${options.schema}"`;
  let opening: Promise<void> | undefined;
  let isOpen = false;
  let closed = false;

  async function ask(text: string, values: readonly (string | null)[]): Promise<readonly Row[]> {
    for (let left = RETRIES; ; left--) {
      try {
        return await client.query(text, values);
      } catch (error) {
        if (left === 0 || !isConflict(error)) throw error;
      }
    }
  }

  async function versionFound(): Promise<number> {
    try {
      const [row] = await ask(
        `select m.value::text as version from ${schema}.burnrate_meta m where m.name = 'version'`,
        [],
      );
      return Number(row?.["version"] ?? 0);
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  async function open(): Promise<void> {
    const version = await versionFound();
    if (version > SCHEMA_VERSION) throw toError({ code: MIGRATION_FAULTS.newer }, options.schema);
    if (version < SCHEMA_VERSION) await migrate();
    const [row] = await ask(
      `select m.value::text as epoch from ${schema}.burnrate_meta m where m.name = 'kill_epoch'`,
      [],
    );
    // Read as one without them, an answer to a reservation would be a yes.
    if (row?.["epoch"] === undefined) throw toError({ code: RENAMED_COLUMNS }, options.schema);
    options.onOpen(Number(row["epoch"]));
    isOpen = true;
  }

  async function migrate(): Promise<void> {
    if (!options.migrate) throw toError({ code: "3F000" }, options.schema);
    try {
      await ask(migrationSql(options.schema), []);
    } catch (error) {
      const code = (error as { readonly code?: unknown } | null)?.code;
      throw code === "42501" ? cannotMigrate(options.schema) : error;
    }
  }

  function ready(): Promise<void> {
    opening ??= within(open(), OPENING_MS).catch((error: unknown) => {
      opening = undefined;
      throw toError(error, options.schema);
    });
    return isOpen ? opening : within(opening);
  }

  return {
    schema,
    ready,
    query: async (text, values = [], answerMs) => {
      if (closed) throw closedError();
      await ready();
      const texts = values.map((value) => (value === null ? null : String(value)));
      try {
        return await within(ask(text, texts), answerMs);
      } catch (error) {
        throw toError(error, options.schema);
      }
    },
    listen: (handlers) => client.listen(killChannel(options.schema), handlers),
    close: () => {
      if (!closed) client.release();
      closed = true;
    },
  };
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError({ message: "The store is closed.", scope: "store-postgres" });
}
