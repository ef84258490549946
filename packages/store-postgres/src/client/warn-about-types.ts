import type { PostgresJs } from "./postgres-js-client.ts";

let warned = false;

/**
 * Says once a process that this instance of postgres.js looks up the types of arrays with each new
 * connection: when the connection breaks in that, the driver leaves a rejection that nobody handles,
 * and Node ends the process. The store needs no types.
 */
export function warnAboutTypes(sql: PostgresJs): void {
  if (warned || sql.options?.fetch_types !== true) return;
  warned = true;
  process.emitWarning(
    "postgres.js looks up array types with each new connection; when one breaks just then, Node ends the process for an unhandled rejection. Hand burnrate an instance made with postgres(url, { fetch_types: false }).",
    { type: "BurnrateWarning", code: "postgres-js-fetch-types" },
  );
}
