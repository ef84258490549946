import { test } from "vitest";
import { breakingSlowly } from "./breaking-slowly.ts";
import { SlowDatabase } from "./slow-store.ts";
import { storeContract } from "./store-contract.ts";

let database = new SlowDatabase();

storeContract({
  test,
  createStore: () => {
    database = new SlowDatabase();
    return database.connect();
  },
  reopen: () => database.connect(),
  passTime: (ms) => database.passTime(ms),
  concurrency: 2_000,
  crash: breakingSlowly(() => database.connect()),
});
