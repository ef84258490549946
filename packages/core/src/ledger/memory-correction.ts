import { isAmount } from "./amount.ts";
import type { Balance, Correction, CorrectionResult } from "./ledger.ts";
import type { MemoryAccountTable } from "./memory-account-table.ts";

/** The balance of an account that nobody has used. */
export const NOTHING: Balance = Object.freeze({ settled: 0, held: 0, leased: 0, unknown: 0 });

/** Takes the provider's word for one account; rolling windows and nonsense stay as they are. */
export function correct(
  table: MemoryAccountTable,
  { account: ref, settled }: Correction,
): CorrectionResult {
  const account = table.open(ref, Number.NEGATIVE_INFINITY);
  if (account === undefined) return { before: NOTHING, after: NOTHING };
  const before = copyOf(account);
  if (ref.window.kind === "fixed" && isAmount(settled)) account.correct(settled);
  return { before, after: copyOf(account) };
}

/** The figures of a balance that may be live. */
export function copyOf({ settled, held, leased, unknown }: Balance): Balance {
  return { settled, held, leased, unknown };
}
