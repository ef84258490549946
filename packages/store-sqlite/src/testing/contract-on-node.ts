import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { storeContract } from "@burnrate/core/testing";
import { contractStore } from "./contract-store.ts";

/** The contract of stores with the driver that this version of Node has by default. */
const folder = mkdtempSync(join(tmpdir(), "burnrate-node-"));
after(() => rmSync(folder, { recursive: true }));
storeContract({ test, ...contractStore({ path: join(folder, "state.db") }) });
