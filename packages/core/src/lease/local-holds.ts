import type { LeaseJournal } from "../journal/lease-journal.ts";
import { isAmount } from "../ledger/amount.ts";
import type { AccountRef, Reservation, Settlement } from "../ledger/ledger.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { Lease } from "./lease.ts";
import type { LocalAccounts } from "./local-accounts.ts";
import { OutageAttempts } from "./outage-attempts.ts";
import type { Moment, StoreTime } from "./store-time.ts";

/** Ends of unknown truth that are waited for; beyond, the oldest keep their charge. */
const MAX_UNKNOWN = 2_000;

interface Hold {
  /** Undefined where the money is not backed by a lease: let through while the store was out. */
  readonly leases: readonly (Lease | undefined)[];
  readonly accounts: readonly AccountRef[];
  readonly amounts: readonly number[];
  readonly atMs: number;
  state: "held" | "unknown";
  /**
   * What no lease backs was charged in full already: nobody waits for its end, or it may never come.
   * The store has no reservation that a late end could correct: only what exceeds it is added.
   */
  isCharged?: true;
}

/** Charges an account that has no lease for it. */
export type ChargeUnbacked = (account: AccountRef, amount: number, atMs: number) => void;

/** Reservations that were taken from leases, in memory and at once. */
export class LocalHolds {
  readonly #holds = new Map<string, Hold>();
  readonly #unknown = new Set<string>();
  readonly #attempts = new OutageAttempts();
  /** Calls in flight that no lease backs, or not on all of their accounts. */
  readonly #unbacked = new Set<string>();
  readonly #accounts: LocalAccounts;
  readonly #time: StoreTime;
  readonly #chargeUnbacked: ChargeUnbacked;
  readonly #journal: LeaseJournal;

  constructor(
    accounts: LocalAccounts,
    time: StoreTime,
    chargeUnbacked: ChargeUnbacked,
    journal: LeaseJournal,
  ) {
    this.#accounts = accounts;
    this.#time = time;
    this.#chargeUnbacked = chargeUnbacked;
    this.#journal = journal;
  }

  has(id: string): boolean {
    return this.#holds.has(id);
  }

  /** Whether the id is in use; another attempt of its call shares what it holds. */
  isKnown(request: Reservation): boolean {
    return request.once === true ? this.#attempts.join(request) : this.has(request.id);
  }

  /** Whether its attempts are held or were charged here, and the store has never heard of it. */
  isOnlyHere(id: string): boolean {
    return this.has(id) || this.#attempts.wasCharged(id);
  }

  /**
   * Whether a call may still be sent: a machine that slept may wake up after its leases have ended.
   */
  isBacked(id: string): boolean {
    const hold = this.#holds.get(id);
    if (hold === undefined) return false;
    const now = this.#time.moment();
    return hold.leases.every(
      (lease) => lease === undefined || !this.#time.isOver(lease.deadline, now),
    );
  }

  /** From here on it may be billed; false when it is not here, or may not be sent any more. */
  dispatch(id: string): boolean {
    if (!this.isBacked(id)) return false;
    this.#noteSent(id);
    return true;
  }

  /** Whether any call in flight was let through that no lease backs. */
  get areUnbacked(): boolean {
    return this.#unbacked.size > 0;
  }

  /** Holds a reservation on all of its accounts, or on none; false when a lease has not enough. */
  take(request: Reservation, allowUnbacked: (account: AccountRef) => boolean): boolean {
    const { accounts, amounts } = request;
    const leases = new Array<Lease | undefined>(accounts.length);
    const now = this.#time.moment();
    for (let i = 0; i < accounts.length; i++) {
      const ref = accounts[i] as AccountRef;
      const amount = amounts[i] as number;
      const lease = isAmount(amount) ? this.#leaseFor(ref, amount, now) : undefined;
      if (lease === undefined && !allowUnbacked(ref)) {
        for (let j = 0; j < i; j++) giveBack(leases[j], amounts[j] as number);
        return false;
      }
      if (lease !== undefined) {
        lease.held += amount;
        lease.used = true;
        lease.account.taken += amount;
      }
      leases[i] = lease;
    }
    for (let i = 0; i < leases.length; i++) {
      if (leases[i] === undefined) this.#count(request.id, accounts[i] as AccountRef);
    }
    this.#holds.set(request.id, { leases, accounts, amounts, atMs: request.atMs, state: "held" });
    if (request.once === true) {
      this.#attempts.begin(request);
      this.#noteSent(request.id); // nobody says so of one that may have several attempts
    }
    return true;
  }

  /** Ends a hold; false when there is none, or it has ended. */
  end(end: Settlement): boolean {
    const hold = this.#holds.get(end.id);
    if (hold === undefined || (hold.state === "unknown" && end.as !== "settled")) return false;
    if (end.as === "released" && end.once === true && this.#attempts.leave(end.id)) return false;
    if (end.as !== "released") this.#noteSent(end.id);
    for (let i = 0; i < hold.leases.length; i++) this.#endOne(hold, i, end);
    if (end.as === "unknown" && this.#unbacked.has(end.id)) this.#journal.unbackedCharged(end.id);
    if (end.as !== "unknown")
      this.#journal.ended(end.id, () => hold.amounts.map((_, i) => usedOf(hold, i, end)));
    if (this.#unbacked.size > 0) this.#unbacked.delete(end.id);
    if (end.as === "unknown") {
      hold.isCharged = true;
      this.#rememberUnknown(end.id, hold);
    } else {
      this.#holds.delete(end.id);
      this.#unknown.delete(end.id);
      this.#attempts.end(end);
    }
    return true;
  }

  /**
   * Charges in full what no lease backs of all calls in flight: their ends will come too late to be
   * told. (What a lease backs, the store charges by itself.)
   */
  chargeAllUnbacked(): void {
    for (const [id, hold] of this.#holds) {
      for (const [index, lease] of hold.leases.entries()) {
        if (lease !== undefined || hold.isCharged) continue;
        const account = hold.accounts[index] as AccountRef;
        this.#chargeUnbacked(account, hold.amounts[index] as number, hold.atMs);
      }
      if (this.#unbacked.has(id)) this.#journal.unbackedCharged(id);
      hold.isCharged = true;
    }
  }

  #noteSent(id: string): void {
    const hold = this.#holds.get(id);
    if (hold === undefined) return;
    this.#journal.sent(id, hold.atMs, () =>
      hold.amounts.map((amount, index) => {
        const lease = hold.leases[index];
        if (lease !== undefined) return { lease: lease.id, amount };
        return { account: withoutSlot(hold.accounts[index] as AccountRef), amount };
      }),
    );
  }

  #count(id: string, ref: AccountRef): void {
    this.#unbacked.add(id);
    const account = this.#accounts.find(ref);
    if (account !== undefined) account.allowed++;
  }

  #endOne(hold: Hold, index: number, end: Settlement): void {
    const reserved = hold.amounts[index] as number;
    const used = usedOf(hold, index, end);
    const lease = hold.leases[index];
    if (lease === undefined) {
      const charged = hold.isCharged ? reserved : 0;
      const owed = Math.max(0, used - charged);
      this.#chargeUnbacked(hold.accounts[index] as AccountRef, owed, hold.atMs);
      return;
    }
    lease.used = true;
    if (hold.state === "unknown") lease.unknown -= reserved;
    else lease.held -= reserved;
    if (end.as === "settled") lease.settled += used;
    else if (end.as === "unknown") lease.unknown += reserved;
    else if (!lease.open) lease.amount -= reserved; // goes back with the next report
  }

  #rememberUnknown(id: string, hold: Hold): void {
    hold.state = "unknown";
    this.#unknown.add(id);
    const [oldest] = this.#unknown;
    if (this.#unknown.size > MAX_UNKNOWN && oldest !== undefined) {
      this.end({ id: oldest, as: "settled", amounts: [] });
    }
  }

  /** The first lease that is open, not over, and has enough. */
  #leaseFor(ref: AccountRef, amount: number, now: Moment): Lease | undefined {
    const account = this.#accounts.find(ref);
    if (account === undefined) return undefined;
    for (const lease of account.leases) {
      if (!lease.open) continue;
      if (this.#time.isOver(lease.deadline, now)) lease.close();
      else if (lease.free >= amount) return lease;
    }
    return undefined;
  }
}

/** What a call is charged on one of its accounts. */
function usedOf({ amounts }: Hold, index: number, end: Settlement): number {
  if (end.as === "released") return 0;
  const given = end.amounts[index];
  return end.as === "settled" && isAmount(given) ? given : (amounts[index] as number);
}

function giveBack(lease: Lease | undefined, amount: number): void {
  if (lease === undefined) return;
  lease.held -= amount;
  lease.account.taken -= amount;
}
