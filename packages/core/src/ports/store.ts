import type { KillLog } from "../kill/kill-log.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** Everything that must outlive a call: balances and kills. */
export interface Store {
  readonly ledger: Ledger;
  readonly killLog: KillLog;
}
