import { attemptCases } from "./attempt-cases.ts";
import { batchCases } from "./batch-cases.ts";
import { chargeCases } from "./charge-cases.ts";
import { concurrencyCases } from "./concurrency-cases.ts";
import { correctionCases } from "./correction-cases.ts";
import { crashCases } from "./crash-cases.ts";
import { dispatchedCases, spentBeforeCases } from "./dispatched-cases.ts";
import { durableCases } from "./durable-cases.ts";
import { expiryCases } from "./expiry-cases.ts";
import { hostileCases } from "./hostile-cases.ts";
import { interleavedCases } from "./interleaved-cases.ts";
import { largeCases } from "./large-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { leaseWindowCases } from "./lease-window-cases.ts";
import { limitCases } from "./limit-cases.ts";
import type { LedgerContractOptions } from "./options.ts";
import { processCases } from "./process-cases.ts";
import { renewalCases } from "./renewal-cases.ts";
import { reserveCases } from "./reserve-cases.ts";
import { saturationCases } from "./saturation-cases.ts";
import { settleCases } from "./settle-cases.ts";
import { timeCases } from "./time-cases.ts";
import { windowCases } from "./window-cases.ts";

/**
 * What every ledger must do: keep `settled + held + leased + unknown` within the limit at every
 * step, take from all accounts or from none, and charge each call once, whatever races, repeats,
 * arrives late or makes no sense. Synchronous and asynchronous ledgers pass the same cases.
 *
 * @example
 * ledgerContract({ test, createLedger: () => createMemoryStore().ledger });
 */
export function ledgerContract(options: LedgerContractOptions): void {
  reserveCases(options);
  attemptCases(options);
  saturationCases(options);
  settleCases(options);
  dispatchedCases(options);
  spentBeforeCases(options);
  batchCases(options);
  windowCases(options);
  limitCases(options);
  leaseCases(options);
  leaseWindowCases(options);
  renewalCases(options);
  chargeCases(options);
  correctionCases(options);
  timeCases(options);
  hostileCases(options);
  largeCases(options);
  concurrencyCases(options);
  processCases(options);
  interleavedCases(options);
  durableCases(options);
  expiryCases(options);
  crashCases(options);
}
