import type { LeaseJournal } from "../journal/lease-journal.ts";
import type { LeaseReturn, LeaseReturnResult, Ledger } from "../ledger/ledger.ts";
import type { Lease } from "./lease.ts";
import { LEASE_TTL_MS } from "./lease-refill.ts";
import type { LocalAccounts } from "./local-accounts.ts";
import type { ChargeUnbacked } from "./local-holds.ts";
import type { Answer, StoreLink } from "./store-link.ts";
import type { StoreTime } from "./store-time.ts";
import type { SpendingListener } from "./told-spending.ts";

const MAX_BATCH = 256;
/** A lease that was not used for longer goes back: others may need it. */
const MAX_IDLE_REPORTS = 2;

/** Who hears of what the store answers to reports. */
export interface ReportListeners {
  readonly told: SpendingListener;
  /** Charges what a lease spent that the store does not know any more. */
  readonly chargeUnbacked: ChargeUnbacked;
}

/** Tells the store what was spent from leases, prolongs those in use and returns the rest. */
export class LeaseReports {
  readonly #accounts: LocalAccounts;
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #time: StoreTime;
  readonly #listeners: ReportListeners;
  readonly #journal: LeaseJournal;
  #isLast = false;

  constructor(
    accounts: LocalAccounts,
    ledger: Ledger,
    link: StoreLink,
    time: StoreTime,
    listeners: ReportListeners,
    journal: LeaseJournal,
  ) {
    this.#accounts = accounts;
    this.#ledger = ledger;
    this.#link = link;
    this.#time = time;
    this.#listeners = listeners;
    this.#journal = journal;
  }

  /** Reports on leases; those that were not used for a while are given back. */
  async reportAll(): Promise<void> {
    const leases: Lease[] = [];
    for (const account of this.#accounts) {
      for (const lease of account.leases) {
        const isIdle = !lease.used && lease.idleReports >= MAX_IDLE_REPORTS;
        if (isIdle || this.#time.isOver(lease.deadline)) lease.close();
        leases.push(lease);
      }
    }
    await this.report(leases);
  }

  /** Closes leases and gives back what no call in flight holds of them. */
  async giveBack(leases: readonly Lease[]): Promise<void> {
    for (const lease of leases) lease.close();
    await this.report(leases);
  }

  /** Before the guard is closed: what is in doubt is left to whoever finds the journal. */
  async reportLast(leases: readonly Lease[]): Promise<void> {
    this.#isLast = true;
    await this.report(leases);
  }

  /** Never throws: reports are totals, so that the next one makes up for a lost one. */
  async report(leases: readonly Lease[]): Promise<void> {
    const known = leases.filter((lease) => !lease.lost);
    for (const lease of leases) if (lease.lost) this.#settleLost(lease);
    const asked: Promise<void>[] = [];
    for (let from = 0; from < known.length; from += MAX_BATCH) {
      asked.push(this.#reportSome(known.slice(from, from + MAX_BATCH)));
    }
    await Promise.all(asked);
  }

  async #reportSome(leases: readonly Lease[]): Promise<void> {
    const atMs = this.#time.nowMs();
    const told = leases.map((lease) => lease.report(atMs, LEASE_TTL_MS));
    const heard = leases.map(({ account }) => account.heardSpent);
    try {
      const answer = await this.#link.ask(() => this.#ledger.returnLeases(told));
      const taken: Lease[] = [];
      for (const [index, lease] of leases.entries()) {
        const report = told[index] as LeaseReturn;
        const result = answer.reply.results[index] as LeaseReturnResult;
        if (this.#isTaken(lease, report, result)) taken.push(lease);
        else if (!this.#isDoubted(lease, report, result)) this.#hear(lease, report, index, answer);
      }
      if (taken.length > 0) await this.#reportSome(taken);
    } catch {
      // The link knows that the store is down; the next report says everything again.
      for (const [index, lease] of leases.entries()) {
        lease.notTold();
        this.#listeners.told.answerLost(lease.account.ref, lease.id, heard[index]);
      }
    }
  }

  /** Whether others may have told of it, from what we noted: they took our silence for our end. */
  #isTaken(lease: Lease, report: LeaseReturn, { applied }: LeaseReturnResult): boolean {
    if (applied || lease.lost || !this.#journal.isKept) return false;
    return lease.outrank(report, this.#time.isOver(lease.deadline));
  }

  /** Whether others may have told of it, and have not taken our notes away yet. */
  #isDoubted(lease: Lease, report: LeaseReturn, { applied }: LeaseReturnResult): boolean {
    if (applied || lease.lost || !this.#journal.isWhole) return false;
    const isSure = this.#isLast || this.#journal.settledWhenTaken(lease.id) !== undefined;
    if (!isSure && lease.doubt(report, this.#time.moment().monotonicMs)) return true;
    this.#journal.look();
    return false;
  }

  #hear(
    lease: Lease,
    told: LeaseReturn,
    index: number,
    { reply, sent }: Answer<LeaseReturnResult>,
  ): void {
    const result = reply.results[index] as LeaseReturnResult;
    const { account } = lease;
    const change = { account: account.ref, by: lease.id, amount: lease.newIn(told) };
    lease.acknowledge(told, result);
    if (!result.applied && !lease.lost) {
      const taken = this.#journal.settledWhenTaken(lease.id);
      const amount = lease.lose(told, this.#time.isOver(lease.deadline), taken);
      this.#listeners.told.add([{ ...change, amount }]);
    }
    if (lease.lost) this.#settleLost(lease);
    const { balance, spentBefore, expiresAtMs } = result;
    if (expiresAtMs !== undefined) {
      lease.deadline = this.#time.deadline(expiresAtMs, reply.nowMs, sent);
    }
    if (balance !== undefined && spentBefore !== undefined) {
      // Reports whose answers were lost have moved it, too, and nobody was told.
      this.#listeners.told.tellSince(change, spentBefore, balance);
    }
    this.#forgetIfDone(lease);
  }

  /** What it spent and the store never counted is charged without it. */
  #settleLost(lease: Lease): void {
    const { unreported, settled, unknown, account } = lease;
    lease.charged(settled, unknown);
    if (unreported > 0) {
      this.#listeners.chargeUnbacked(account.ref, unreported, this.#time.nowMs());
    }
    this.#forgetIfDone(lease);
  }

  #forgetIfDone(lease: Lease): void {
    if (!lease.isDone) return;
    this.#journal.known(lease.id);
    lease.account.leases.delete(lease);
    this.#accounts.dropIfIdle(lease.account);
  }
}
