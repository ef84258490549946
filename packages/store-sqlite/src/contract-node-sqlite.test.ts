import { storeContract } from "@burnrate/core/testing";
import { test } from "vitest";
import { contractStore } from "./testing/contract-store.ts";
import { DEATHS, openDyingStore } from "./testing/dying-store.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const path = temporaryFile();
const store = contractStore({ path, driver: "node:sqlite", durability: "full" });
storeContract({
  test,
  ...store,
  crash: {
    steps: DEATHS,
    histories: 2,
    open: (step: string) => openDyingStore(path, store.clock, step),
  },
});
