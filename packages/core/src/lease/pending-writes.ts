import type { LeaseJournal } from "../journal/lease-journal.ts";
import type { AccountRef, Balance, LateCharge, Ledger, Settlement } from "../ledger/ledger.ts";
import { LostSpending } from "./lost-spending.ts";
import type { StoreLink } from "./store-link.ts";
import type { SpendingListener, SpentChange } from "./told-spending.ts";

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
  /** Charges and ends that found no room here, or were left when nobody tells any more. */
  readonly lost: LostSpending = new LostSpending();
  readonly #ends = new Map<string, PendingEnd>();
  readonly #charges = new Map<string, LateCharge>();
  readonly #told: SpendingListener;
  readonly #journal: LeaseJournal;
  #isOver = false;

  constructor(told: SpendingListener, journal: LeaseJournal) {
    this.#told = told;
    this.#journal = journal;
  }

  get isEmpty(): boolean {
    return this.#ends.size === 0 && this.#charges.size === 0;
  }

  /** One that finds no room leaves its reservation charged in full, once that expires. */
  addEnd(end: Settlement, accounts: readonly AccountRef[] = []): void {
    if (this.#add(this.#ends, { id: end.id, end, accounts })) this.#journal.heldEnded(end);
    else this.#drop(end.id);
  }

  addCharge(charge: LateCharge): void {
    if (this.#add(this.#charges, charge)) this.#journal.charged(charge);
    else this.#drop(charge.id, charge.account, charge.amount);
  }

  /**
   * Nothing is sent any more: what is left here is lost, unless whoever comes next finds it in the
   * journal. What comes later is lost.
   */
  end(): void {
    this.#isOver = true;
    if (!this.#journal.isWhole) {
      for (const _ of this.#ends.values()) this.lost.add();
      for (const { account, amount } of this.#charges.values()) this.lost.add(account, amount);
    }
    this.#ends.clear();
    this.#charges.clear();
  }

  /** Sends everything; what fails stays. Never throws. */
  async flush(ledger: Ledger, link: StoreLink): Promise<void> {
    try {
      while (this.#ends.size > 0) {
        const batch = [...this.#ends.values()].slice(0, MAX_BATCH);
        const { reply } = await this.#ask(batch.flatMap(changesOf), () =>
          link.ask(() => ledger.settle(batch.map(({ end }) => end))),
        );
        for (const [index, pending] of batch.entries()) {
          this.#forget(this.#ends, pending);
          const { balances = [], spentBefore = [] } = reply.results[index] ?? {};
          for (const [which, change] of changesOf(pending).entries()) {
            this.#hear(change, spentBefore[which], balances[which]);
          }
        }
      }
      while (this.#charges.size > 0) {
        const batch = [...this.#charges.values()].slice(0, MAX_BATCH);
        const { reply } = await this.#ask(batch.map(changeOf), () =>
          link.ask(() => ledger.charge(batch)),
        );
        for (const [index, charge] of batch.entries()) {
          this.#forget(this.#charges, charge);
          const { spentBefore, balance } = reply.results[index] ?? {};
          this.#hear(changeOf(charge), spentBefore, balance);
        }
      }
    } catch {
      // The link knows that the store is down; the next flush tries again.
    }
  }

  async #ask<T>(changes: readonly SpentChange[], question: () => Promise<T>): Promise<T> {
    const heard = changes.map(({ account }) => this.#told.heard(account));
    try {
      return await question();
    } catch (error) {
      for (const [index, { account, by }] of changes.entries()) {
        this.#told.answerLost(account, by, heard[index]);
      }
      throw error;
    }
  }

  /** What was not applied now was before, or there is nothing that it could be applied to. */
  #hear(change: SpentChange, spentBefore?: number, balance?: Balance): void {
    if (spentBefore === undefined || balance === undefined) this.#told.add([change]);
    else this.#told.tellSince(change, spentBefore, balance);
  }

  #add<T extends { readonly id: string }>(to: Map<string, T>, item: T): boolean {
    if (this.#isOver || (to.size >= MAX_WAITING && !to.has(item.id))) return false;
    to.set(item.id, item);
    return true;
  }

  /** What has no room here has none in the journal. */
  #drop(id: string, ref?: AccountRef, amount?: number): void {
    this.lost.add(ref, amount);
    this.#journal.known(id);
  }

  /** What took its place meanwhile must still be sent. */
  #forget<T extends { readonly id: string }>(from: Map<string, T>, sent: T): void {
    if (from.get(sent.id) !== sent) return;
    from.delete(sent.id);
    this.#journal.known(sent.id);
  }
}

function changesOf({ end, accounts }: PendingEnd): readonly SpentChange[] {
  return accounts.map((account, index) => {
    const amount = end.as === "settled" ? (end.amounts[index] ?? 0) : 0;
    return { account, by: end.id, amount };
  });
}

function changeOf({ id, account, amount }: LateCharge): SpentChange {
  return { account, by: id, amount };
}
