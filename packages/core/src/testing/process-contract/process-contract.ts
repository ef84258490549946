import { crashCases } from "./crash-cases.ts";
import { journalCases } from "./journal-cases.ts";
import { killCases } from "./kill-cases.ts";
import type { ProcessContractOptions } from "./options.ts";
import { spendingCases } from "./spending-cases.ts";
import { windowCases } from "./window-cases.ts";

/**
 * What several processes may do with one store: guards in real processes spend from it at a fake
 * provider, whose own ledger is the truth. They are killed, suspended, cut off and stopped.
 *
 * @example
 * processContract({ test, storeModule: new URL("./testing/open-store.ts", import.meta.url), env: { REDIS_URL: url } });
 */
export function processContract(options: ProcessContractOptions): void {
  killCases(options);
  spendingCases(options);
  windowCases(options);
  crashCases(options);
  journalCases(options);
}
