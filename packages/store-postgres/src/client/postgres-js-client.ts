import type { ListenHandlers, Listening, PostgresClient, Row } from "./postgres-client.ts";
import { warnAboutTypes } from "./warn-about-types.ts";

/** What is used of an instance of `postgres` (postgres.js 3.4 or newer). */
export interface PostgresJs {
  unsafe(
    text: string,
    values?: (string | null)[],
    options?: { prepare?: boolean },
  ): PromiseLike<unknown>;
  listen(
    channel: string,
    onNotice: (payload: string) => void,
    onListening?: () => void,
  ): PromiseLike<{ unlisten(): PromiseLike<unknown> }>;
  /** With all defaults. */
  readonly options?: {
    readonly fetch_types?: boolean;
    readonly transform?: { readonly column?: { readonly from?: unknown } };
  };
}

/**
 * The driver postgres.js. `prepare` asks for one round trip a statement; an instance that was made
 * with `prepare: false`, for a pooler in transaction mode, keeps to that.
 */
export function postgresJsClient(sql: PostgresJs): PostgresClient {
  warnAboutTypes(sql);
  return {
    query: (text, values) => ask(sql, text, values),
    listen: (channel, handlers) => listen(sql, channel, handlers),
    release: () => {},
  };
}

async function ask(
  sql: PostgresJs,
  text: string,
  values: readonly (string | null)[],
): Promise<readonly Row[]> {
  const asked = sql.unsafe(text, [...values], { prepare: values.length > 0 });
  const rows = (await asked) as readonly Row[];
  return typeof sql.options?.transform?.column?.from === "function" ? rows.map(ownNames) : rows;
}

/** Our columns are single words in lower case, of which `postgres.pascal` makes others. */
function ownNames(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** The driver has a connection for this, and listens again by itself when that breaks. */
function listen(sql: PostgresJs, channel: string, handlers: ListenHandlers): Listening {
  const { onNotice, onListening } = handlers;
  const asked = Promise.resolve(sql.listen(channel, onNotice, onListening)).catch(() => undefined);
  return {
    query: (text, values) => ask(sql, text, values),
    stop: async () => {
      const listening = await asked;
      await Promise.resolve(listening?.unlisten()).catch(() => {});
    },
  };
}
