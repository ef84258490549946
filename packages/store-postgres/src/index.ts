export type { PostgresPool } from "./client/recognise-client.ts";
export {
  type PostgresStoreOptions,
  postgresMigration,
  postgresStore,
} from "./postgres-store.ts";
