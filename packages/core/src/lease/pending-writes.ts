import type { LateCharge, Ledger, Settlement } from "../ledger/ledger.ts";
import type { StoreLink } from "./store-link.ts";

/** Most of each kind that wait for a store that is down. */
const MAX_WAITING = 10_000;
const MAX_BATCH = 256;

/**
 * What must still reach the store: ends of reservations and charges. Kept until it is acknowledged;
 * every message can be repeated. Beyond the cap the newest is dropped, and counted.
 */
export class PendingWrites {
  /** Charges and ends that found no room here. */
  dropped = 0;
  readonly #ends = new Map<string, Settlement>();
  readonly #charges = new Map<string, LateCharge>();

  get isEmpty(): boolean {
    return this.#ends.size === 0 && this.#charges.size === 0;
  }

  addEnd(end: Settlement): void {
    this.#add(this.#ends, end);
  }

  addCharge(charge: LateCharge): void {
    this.#add(this.#charges, charge);
  }

  /** Sends everything; what fails stays. Never throws. */
  async flush(ledger: Ledger, link: StoreLink): Promise<void> {
    try {
      while (this.#ends.size > 0) {
        const batch = [...this.#ends.values()].slice(0, MAX_BATCH);
        await link.ask(() => ledger.settle(batch));
        for (const end of batch) forget(this.#ends, end);
      }
      while (this.#charges.size > 0) {
        const batch = [...this.#charges.values()].slice(0, MAX_BATCH);
        await link.ask(() => ledger.charge(batch));
        for (const charge of batch) forget(this.#charges, charge);
      }
    } catch {
      // The link knows that the store is down; the next flush tries again.
    }
  }

  #add<T extends { readonly id: string }>(to: Map<string, T>, item: T): void {
    if (to.size >= MAX_WAITING) this.dropped++;
    else to.set(item.id, item);
  }
}

/** What took its place meanwhile must still be sent. */
function forget<T extends { readonly id: string }>(from: Map<string, T>, sent: T): void {
  if (from.get(sent.id) === sent) from.delete(sent.id);
}
