import type { LedgerReply, Reservation, ReserveResult, Settlement } from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import { accountKey } from "./encode-values.ts";
import { areSame } from "./groups.ts";

/** Most that are remembered; the oldest make room. */
const MAX_HELD = 10_000;

/** What a reservation of this process holds, and on which accounts. */
export type Hold = Pick<Reservation, "accounts" | "amounts">;

/**
 * Reservations that this process made, until it ends them: whoever knows their accounts need not
 * look them up before it locks those. A hint only: the database compares.
 */
export class HeldReservations {
  readonly #holds = new Map<string, Hold>();

  /** Remembers what a batch has reserved, and forgets what it has ended. */
  follow(operations: readonly LedgerOperation[], replies: readonly LedgerReply<unknown>[]): void {
    for (const [at, { method, batch }] of operations.entries()) {
      if (method === "settle") for (const { id } of batch) this.#holds.delete(id);
      if (method !== "reserve") continue;
      const results = replies[at]?.results as readonly ReserveResult[] | undefined;
      for (const [item, reservation] of batch.entries()) {
        if (results?.[item]?.kind === "reserved") this.#add(reservation);
      }
    }
  }

  #add({ id, accounts, amounts }: Reservation): void {
    this.#holds.set(id, { accounts, amounts });
    if (this.#holds.size <= MAX_HELD) return;
    for (const oldest of this.#holds.keys()) {
      this.#holds.delete(oldest);
      return;
    }
  }

  /** What each settlement of a batch ends; undefined unless all are known, and of one list. */
  of(batch: readonly Settlement[]): readonly Hold[] | undefined {
    const holds: Hold[] = [];
    const ids = new Set<string>();
    for (const { id } of batch) {
      const hold = this.#holds.get(id);
      if (hold === undefined || !areSameAccounts(holds[0] ?? hold, hold)) return undefined;
      holds.push(hold);
      ids.add(id);
    }
    return ids.size === batch.length ? holds : undefined;
  }
}

/** By their objects, which a guard makes once a window, or else by their names. */
function areSameAccounts(one: Hold, other: Hold): boolean {
  if (areSame(one.accounts, other.accounts)) return true;
  return areSame(one.accounts.map(accountKey), other.accounts.map(accountKey));
}
