import { existsSync, writeFileSync } from "node:fs";
import type { Clock } from "@burnrate/core";
import type { BreakingLedger } from "@burnrate/core/testing";
import { sqliteStore } from "../sqlite-store.ts";
import { openLedgerProcess } from "./ledger-process.ts";
import { temporaryFile } from "./temporary-file.ts";

const KILLED = "when its process is killed";

/** Where a store can die, in words that follow "a store that breaks". */
export const DEATHS: readonly string[] = [
  "before it begins",
  "between two statements",
  "before it commits",
  "after it commits",
  KILLED,
];

/** Each dies some statements later than the last one, and so in turn everywhere in its work. */
const MOST_STATEMENTS = 24;
let statements = 0;

/** Opens a file once more, in a thread or process that dies at one of `DEATHS`. */
export function openDyingStore(path: string, clock: Clock, step: string): BreakingLedger {
  const order = temporaryFile("order");
  const driver = new URL("./dying-driver.ts", import.meta.url);
  driver.search = new URLSearchParams({ order, step }).toString();
  const setup = { path, driver: driver.href, nowMs: clock.wallMs() };
  return {
    ledger:
      step === KILLED ? openLedgerProcess(setup) : sqliteStore({ path, driver, clock }).ledger,
    breakNext: () => {
      statements = (statements + 5) % MOST_STATEMENTS;
      writeFileSync(order, String(1 + statements));
    },
    hasBroken: () => existsSync(`${order}.done`),
  };
}
