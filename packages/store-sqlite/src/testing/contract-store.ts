import type { Store } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { type SqliteStoreOptions, sqliteStore } from "../sqlite-store.ts";

/** What the contract of stores asks of one file, on a clock of its own. */
export interface ContractStore {
  readonly clock: FakeClock;
  createStore(): Store;
  reopen(): Store;
  passTime(ms: number): void;
  nowMs(): number;
}

/** Opens the same file each time, as its restarts do. */
export function contractStore(options: SqliteStoreOptions): ContractStore {
  const clock = createFakeClock();
  const open = () => sqliteStore({ ...options, clock });
  return {
    clock,
    createStore: open,
    reopen: open,
    passTime: (ms) => clock.advance(ms),
    nowMs: () => clock.wallMs(),
  };
}
