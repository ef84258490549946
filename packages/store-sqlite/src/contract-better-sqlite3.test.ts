import { createFakeClock, storeContract } from "@burnrate/core/testing";
import { test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const path = temporaryFile();
const clock = createFakeClock();
const open = () => sqliteStore({ path, driver: "better-sqlite3", durability: "normal", clock });

storeContract({
  test,
  createStore: open,
  reopen: open,
  passTime: (ms) => clock.advance(ms),
  nowMs: () => clock.wallMs(),
});
