import { createMemoryKillLog } from "../kill/memory-kill-log.ts";
import { createMemoryLedger, type MemoryLedgerOptions } from "../ledger/memory-ledger.ts";
import { createMemoryFleet } from "../memory/memory-fleet.ts";
import { createMemoryOutbox } from "../memory/memory-outbox.ts";
import { createMemoryStateStore } from "../memory/memory-state-store.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";

/** What a store in memory may be told. */
export interface MemoryStoreOptions extends Pick<MemoryLedgerOptions, "caps"> {
  /** Decides which guards live and which messages are due (default: the machine's clocks). */
  readonly clock?: Clock;
}

/**
 * A store that lives as long as the process: fast, and forgotten with it. Several guards of one
 * process may share it.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Required<Store> {
  const { clock = systemClock, ...ledger } = options;
  const killLog = createMemoryKillLog();
  return {
    ledger: createMemoryLedger({ ...ledger, killEpoch: killLog.epoch }),
    killLog,
    fleet: createMemoryFleet(clock),
    state: createMemoryStateStore(),
    outbox: createMemoryOutbox(clock),
  };
}
