import { storeContract } from "@burnrate/core/testing";
import { test } from "vitest";
import { contractStore } from "./testing/contract-store.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const path = temporaryFile();
const store = contractStore({ path, driver: "better-sqlite3", durability: "normal" });
storeContract({ test, ...store });
