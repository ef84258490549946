import { createHash } from "node:crypto";
import { otherFunctions } from "./other-functions.ts";
import { runFunction } from "./run-function.ts";
import { tables } from "./tables.ts";
import { togetherFunctions } from "./together-functions.ts";

/**
 * Version of tables and functions. A store refuses a newer one, and migrates an older one. The
 * function `run` of version 2 took other parameters; it stays for processes that were running
 * meanwhile.
 */
export const SCHEMA_VERSION = 7;

/** SQLSTATEs that the migration raises itself. */
export const MIGRATION_FAULTS = {
  newer: "BRN01",
  foreign: "BRN02",
  server: "BRN03",
  encoding: "BRN04",
} as const;

/** Oldest server, as `server_version_num` says it. */
const OLDEST_SERVER = 130_000;

/** Where the kill log of a schema is told; a channel is seen by a whole database. */
export function killChannel(schema: string): string {
  return `burnrate_${createHash("sha256").update(schema).digest("hex").slice(0, 24)}`;
}

/**
 * The migration as one statement, hence one transaction: creates the schema or brings it to this
 * version, and changes nothing when it is there already. Processes that start together wait for
 * each other; a schema that is newer or somebody else's is left alone, with an error.
 */
export function migrationSql(schemaName: string): string {
  const schema = `"${schemaName}"`;
  return `
do $burnrate$
declare version bigint;
begin
  if current_setting('server_version_num')::integer < ${OLDEST_SERVER} then
    raise exception 'burnrate needs PostgreSQL 13 or newer' using errcode = '${MIGRATION_FAULTS.server}';
  end if;
  if getdatabaseencoding() <> 'UTF8' then
    raise exception 'burnrate needs a database in UTF8' using errcode = '${MIGRATION_FAULTS.encoding}';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('burnrate migration ${schemaName}', 0));
  if to_regnamespace('${schema}') is null then
    create schema ${schema};
  elsif to_regclass('${schema}.burnrate_meta') is not null then
    select m.value into version from ${schema}.burnrate_meta m where m.name = 'version';
    if version = ${SCHEMA_VERSION} then return; end if;
    if version > ${SCHEMA_VERSION} then
      raise exception 'burnrate: schema ${schemaName} is of version %, newer than ${SCHEMA_VERSION}', version
        using errcode = '${MIGRATION_FAULTS.newer}';
    end if;
  elsif exists (select from pg_class c where c.relnamespace = to_regnamespace('${schema}')) then
    raise exception 'burnrate: schema ${schemaName} belongs to something else'
      using errcode = '${MIGRATION_FAULTS.foreign}';
  end if;
  ${tables(schema)}
  ${otherFunctions(schema, killChannel(schemaName))}
  ${runFunction(schema)}
  ${togetherFunctions(schema)}
  update ${schema}.burnrate_meta m set value = ${SCHEMA_VERSION} where m.name = 'version';
end $burnrate$`;
}
