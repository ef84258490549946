import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createFakeClock, storeContract } from "@burnrate/core/testing";
import { sqliteStore } from "../sqlite-store.ts";

/** The contract of stores with the driver that this version of Node has by default. */
const folder = mkdtempSync(join(tmpdir(), "burnrate-node-"));
after(() => rmSync(folder, { recursive: true }));
const clock = createFakeClock();
const open = () => sqliteStore({ path: join(folder, "state.db"), clock });

storeContract({
  test,
  createStore: open,
  reopen: open,
  passTime: (ms) => clock.advance(ms),
  nowMs: () => clock.wallMs(),
});
