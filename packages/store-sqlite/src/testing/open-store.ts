import type { Store } from "@burnrate/core";
import { sqliteStore } from "../sqlite-store.ts";

/** The store of a process of the contract: its file is named by the environment. */
export function openStore(): Store {
  return sqliteStore({ path: process.env["BURNRATE_TEST_PATH"] ?? "" });
}
