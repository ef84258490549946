import type { AccountRef, Balance, LateCharge, Ledger, Settlement } from "../ledger/ledger.ts";
import type { OnSpent } from "./lease-reports.ts";
import type { StoreLink } from "./store-link.ts";

/** Most of each kind that wait for a store that is down. */
const MAX_WAITING = 10_000;
const MAX_BATCH = 256;

/** An end, and the accounts that it is about. */
interface PendingEnd {
  readonly id: string;
  readonly end: Settlement;
  readonly accounts: readonly AccountRef[];
}

/**
 * What must still reach the store: ends of reservations and charges. Kept until it is acknowledged;
 * every message can be repeated. Beyond the cap the newest is dropped, and counted.
 */
export class PendingWrites {
  /** Charges and ends that found no room here. */
  dropped = 0;
  readonly #ends = new Map<string, PendingEnd>();
  readonly #charges = new Map<string, LateCharge>();
  readonly #onSpent: OnSpent;

  constructor(onSpent: OnSpent) {
    this.#onSpent = onSpent;
  }

  get isEmpty(): boolean {
    return this.#ends.size === 0 && this.#charges.size === 0;
  }

  addEnd(end: Settlement, accounts: readonly AccountRef[] = []): void {
    this.#add(this.#ends, { id: end.id, end, accounts });
  }

  addCharge(charge: LateCharge): void {
    this.#add(this.#charges, charge);
  }

  /** Sends everything; what fails stays. Never throws. */
  async flush(ledger: Ledger, link: StoreLink): Promise<void> {
    try {
      while (this.#ends.size > 0) {
        const batch = [...this.#ends.values()].slice(0, MAX_BATCH);
        const { reply } = await link.ask(() => ledger.settle(batch.map(({ end }) => end)));
        for (const [index, pending] of batch.entries()) {
          forget(this.#ends, pending);
          const { balances = [], spentBefore = [] } = reply.results[index] ?? {};
          for (const [which, account] of pending.accounts.entries()) {
            this.#tell(account, spentBefore[which], balances[which]);
          }
        }
      }
      while (this.#charges.size > 0) {
        const batch = [...this.#charges.values()].slice(0, MAX_BATCH);
        const { reply } = await link.ask(() => ledger.charge(batch));
        for (const [index, charge] of batch.entries()) {
          forget(this.#charges, charge);
          const { spentBefore, balance } = reply.results[index] ?? {};
          this.#tell(charge.account, spentBefore, balance);
        }
      }
    } catch {
      // The link knows that the store is down; the next flush tries again.
    }
  }

  #tell(account: AccountRef, spentBefore?: number, balance?: Balance): void {
    if (spentBefore !== undefined && balance !== undefined) {
      this.#onSpent(account, spentBefore, balance);
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
