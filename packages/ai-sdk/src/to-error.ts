import { isGuardError, type Permit } from "@burnrate/core";

/**
 * What the application must hear. A provider that is cut by a kill reports an abort of its own
 * making; the kill is the truth. Everything else stays as it was.
 */
export function toError(error: unknown, permit: Permit): unknown {
  return killOf(permit) ?? error;
}

/** Our kill, when it is what fired the permit's signal. */
export function killOf(permit: Permit): unknown {
  const { signal } = permit;
  return signal.aborted && isGuardError(signal.reason) ? signal.reason : undefined;
}
