import { randomUUID } from "node:crypto";
import { ConfigError } from "@burnrate/core";
import type { RedisConnection } from "./client/connection.ts";
import { OPEN_SCRIPT } from "./script/store-script.ts";

/** Version of what is written; grows when an older package could not read it. */
export const SCHEMA_VERSION = 2;
const NAME = "burnrate-store";

/** An opened namespace. */
export interface OpenedNamespace {
  /** Its mark: what wrote it, the schema's version, and a word that no other data has. */
  readonly schema: string;
  /** What every key begins with; a client may put something before ours. */
  readonly prefix: string;
  readonly epoch: number;
}

/**
 * Reads the mark of a namespace, or writes it.
 * @throws {ConfigError} `BR9001` when the namespace belongs to something else or is newer.
 */
export async function openNamespace(
  connection: RedisConnection,
  base: string,
): Promise<OpenedNamespace> {
  const fresh = `${NAME} ${SCHEMA_VERSION} ${randomUUID()}`;
  const given = JSON.stringify({ schema: fresh });
  const reply = (await connection.evaluate(OPEN_SCRIPT, base, given)) as readonly unknown[];
  const [schema = "", , epoch = 0, prefix = base] = reply;
  checkSchema(String(schema), base);
  return { schema: String(schema), prefix: String(prefix), epoch: Number(epoch) };
}

function checkSchema(schema: string, base: string): void {
  const [name, version] = schema.split(" ");
  const number = Number(version);
  if (name !== NAME || !Number.isSafeInteger(number) || number < 1) {
    throw configError(
      `the key ${base}schema holds something that burnrate has not written. Choose another namespace.`,
    );
  }
  if (number <= SCHEMA_VERSION) return;
  throw configError(
    `the namespace was written by a newer version of @burnrate/store-redis (schema ${number}, this version knows up to ${SCHEMA_VERSION}). Upgrade this process, or choose another namespace.`,
  );
}

function configError(what: string): ConfigError {
  return new ConfigError({ message: `redisStore: ${what}`, scope: "redisStore.namespace" });
}
