import type { Store } from "@burnrate/core";
import { openStore as openOnPool } from "./spending.ts";

/** The store of a process of the contract: its schema is named by the environment. */
export function openStore(): Store {
  const url = process.env["BURNRATE_TEST_URL"] ?? "";
  const store = openOnPool(url, process.env["BURNRATE_TEST_SCHEMA"] ?? "");
  store.pool.on("error", () => {}); // the server is killed in these tests
  return store;
}
