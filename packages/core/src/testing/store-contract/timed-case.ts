import { type LedgerCase, ledgerCase } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

const TTL_MS = 200;
const PATIENT_TTL_MS = 2_000;

/**
 * Registers a case in which something must be done before what it took expires. A busy machine can
 * stand still for longer than that, so a case that failed is tried once more with ten times the
 * time; it takes accounts of its own each time. What a store gets wrong fails both times.
 */
export function timedCase(
  options: LedgerContractOptions,
  name: string,
  run: (trial: LedgerCase, ttlMs: number) => Promise<void>,
): void {
  ledgerCase(options, name, async (trial) => {
    try {
      await run(trial, TTL_MS);
    } catch {
      await run(trial, PATIENT_TTL_MS);
    }
  });
}
