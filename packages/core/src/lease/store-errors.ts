import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";

/** Refuses calls of a guard that nobody would tell the store the ends of. */
export function closedGuard(): StoreUnavailableError {
  const message = "this guard is closed. Make a new one with createGuard.";
  return new StoreUnavailableError({ message, scope: "guard" });
}

/** Says that a store has not opened in time. */
export function notOpened(openMs: number): StoreUnavailableError {
  return new StoreUnavailableError({
    message: `the store did not open within ${openMs} ms. Look at its server, its disk and its path.`,
    scope: "store",
  });
}

/**
 * Refuses a call while the store is down. `denied` is the key of an account that denies calls
 * meanwhile; without one, what may be spent meanwhile is spent.
 */
export function storeIsDown(
  reason: string | undefined,
  denied: string | undefined,
): StoreUnavailableError {
  const why = reason === undefined ? "" : ` (${reason})`;
  const what =
    denied === undefined
      ? "what may be spent meanwhile is spent"
      : `budget account "${denied}" denies calls meanwhile (onStoreOutage)`;
  return new StoreUnavailableError({
    message: `the store is down${why}, and ${what}. Mend the store.`,
    scope: "store",
  });
}
