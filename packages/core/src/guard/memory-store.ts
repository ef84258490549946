import {
  checkMethods,
  checkObject,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
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
 * @throws {ConfigError} `BR9001` when an option is wrong.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Required<Store> {
  const { clock = systemClock, caps = {} } = checkStoreOptions(options);
  const killLog = createMemoryKillLog();
  return {
    ledger: createMemoryLedger({ caps, killEpoch: killLog.epoch }),
    killLog,
    fleet: createMemoryFleet(clock),
    state: createMemoryStateStore(),
    outbox: createMemoryOutbox(clock),
  };
}

function checkStoreOptions(given: MemoryStoreOptions): MemoryStoreOptions {
  const options: MemoryStoreOptions = checkObject("createMemoryStore", given);
  refuseUnknownKeys("createMemoryStore", options, ["clock", "caps"]);
  const { clock, caps = {} } = options;
  if (clock !== undefined) checkMethods("clock", clock, ["wallMs", "monotonicMs", "setTimer"]);
  const counts = checkObject("caps", caps);
  refuseUnknownKeys("caps", counts, ["ephemeral", "lasting", "orgs", "unknown"]);
  for (const [name, count] of Object.entries(counts)) {
    checkWholeNumber(`caps.${name}`, count, { min: 1 });
  }
  return { ...options, caps: counts };
}
