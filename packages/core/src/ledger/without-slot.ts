import type { AccountRef } from "./ledger.ts";

/** An account as a store gets it: what a ledger remembers on it for itself is not sent. */
export function withoutSlot({ slot: _slot, ...ref }: AccountRef): AccountRef {
  return ref;
}
