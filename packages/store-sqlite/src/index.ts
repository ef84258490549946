/**
 * A burnrate store on an embedded SQLite file: budgets and kills survive restarts, and the
 * processes of one machine share them.
 */
export { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
