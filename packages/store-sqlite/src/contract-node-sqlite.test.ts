import { createFakeClock, storeContract } from "@burnrate/core/testing";
import { test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { DEATHS, openDyingStore } from "./testing/dying-store.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const path = temporaryFile();
const clock = createFakeClock();
const open = () => sqliteStore({ path, driver: "node:sqlite", durability: "full", clock });

storeContract({
  test,
  createStore: open,
  reopen: open,
  passTime: (ms) => clock.advance(ms),
  nowMs: () => clock.wallMs(),
  crash: {
    steps: DEATHS,
    histories: 2,
    open: (step: string) => openDyingStore(path, clock, step),
  },
});
