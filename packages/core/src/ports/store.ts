import type { KillLog } from "../kill/kill-log.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Fleet } from "./fleet.ts";
import type { Outbox } from "./outbox.ts";
import type { StateStore } from "./state-store.ts";

/**
 * Everything that must outlive a call, or a process. Closing the ledger closes all of it, which the
 * last guard on it does. `fleet`, `state` and `outbox` may be missing in a store of one process.
 */
export interface Store {
  readonly ledger: Ledger;
  readonly killLog: KillLog;
  readonly fleet?: Fleet;
  readonly state?: StateStore;
  readonly outbox?: Outbox;
}
