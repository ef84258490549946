import { createMemoryKillLog } from "../kill/memory-kill-log.ts";
import { createMemoryLedger, type MemoryLedgerOptions } from "../ledger/memory-ledger.ts";
import type { Store } from "../ports/store.ts";

/** A store that lives as long as the process: fast, and forgotten with it. */
export function createMemoryStore(options: Pick<MemoryLedgerOptions, "caps"> = {}): Store {
  const killLog = createMemoryKillLog();
  return { ledger: createMemoryLedger({ ...options, killEpoch: killLog.epoch }), killLog };
}
