import { createFakeClock, storeContract } from "@burnrate/core/testing";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { DEATHS, openDyingStore } from "./testing/dying-store.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const settings = [
  { driver: "node:sqlite", durability: "full" },
  { driver: "better-sqlite3", durability: "normal" },
] as const;

for (const { driver, durability } of settings) {
  describe(`on ${driver}, durability ${durability}`, () => {
    const path = temporaryFile();
    const clock = createFakeClock();
    const open = () => sqliteStore({ path, driver, durability, clock });
    storeContract({
      test,
      createStore: open,
      reopen: open,
      passTime: (ms) => clock.advance(ms),
      nowMs: () => clock.wallMs(),
      ...(driver === "node:sqlite" && {
        crash: {
          steps: DEATHS,
          histories: 2,
          open: (step: string) => openDyingStore(path, clock, step),
        },
      }),
    });
  });
}
