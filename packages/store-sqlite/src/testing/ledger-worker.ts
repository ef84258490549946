import type { Ledger } from "@burnrate/core";
import { sqliteStore } from "../sqlite-store.ts";

/** A ledger in a process of its own, asked over its channel. */
export interface LedgerSetup {
  readonly path: string;
  readonly driver: string;
  /** The time for as long as it lives. */
  readonly nowMs: number;
}

/** A method and what it is given. */
export interface LedgerQuestion {
  readonly number: number;
  readonly method: keyof Ledger;
  readonly given: readonly unknown[];
}

const { path, driver, nowMs } = JSON.parse(process.argv[2] ?? "{}") as LedgerSetup;
const clock = { wallMs: () => nowMs, monotonicMs: () => 0, setTimer: () => () => {} };
const { ledger } = sqliteStore({ path, driver: new URL(driver), clock });

process.on("message", async ({ number, method, given }: LedgerQuestion) => {
  const ask = ledger[method] as (...values: readonly unknown[]) => unknown;
  process.send?.({ number, value: await ask(...given) });
});
process.on("disconnect", () => process.exit(0));
