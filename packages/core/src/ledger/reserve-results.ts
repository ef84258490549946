import type { ReserveResult } from "./ledger.ts";

/** The answer to what is held now. */
export const RESERVED: ReserveResult = Object.freeze({ kind: "reserved", balances: [] });

/** The answer to an id that is in use. */
export const DUPLICATE: ReserveResult = Object.freeze({ kind: "duplicate" });
