import type { LeaseJournal } from "../journal/lease-journal.ts";
import type { LeaseRequest, LeaseResult, Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { Lease } from "./lease.ts";
import type { LocalAccount } from "./local-account.ts";
import type { Answer, StoreLink } from "./store-link.ts";
import type { StoreTime } from "./store-time.ts";

/** How long the store waits for news of a lease before it takes its holder for dead. */
export const LEASE_TTL_MS = 10_000;
/** A lease of fewer calls than this is not worth having: each call asks the store itself. */
const MIN_CALLS = 4;
/** So long the store is asked for each call, once little is left. */
const EXACT_FOR_MS = 1_000;

/** Asks the store for leases: one question an account at a time, whoever waits for it. */
export class LeaseRefill {
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #time: StoreTime;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #journal: LeaseJournal;

  constructor(
    ledger: Ledger,
    link: StoreLink,
    time: StoreTime,
    clock: Clock,
    ids: Ids,
    journal: LeaseJournal,
  ) {
    this.#ledger = ledger;
    this.#link = link;
    this.#time = time;
    this.#clock = clock;
    this.#ids = ids;
    this.#journal = journal;
  }

  /** Whether the store is to be asked for each call of an account. */
  isExact(account: LocalAccount): boolean {
    return this.#clock.monotonicMs() < account.exactUntilMs;
  }

  /** Waits for a lease of at least `need`, if there is one. Rejects when the store is down. */
  async refill(account: LocalAccount, need: number): Promise<void> {
    account.waiting++;
    try {
      account.refilling ??= this.#ask(account, need).finally(() => {
        account.refilling = undefined;
      });
      await account.refilling;
    } finally {
      account.waiting--;
    }
  }

  /** Asks for the next lease while the last one is still being spent. */
  prefetch(account: LocalAccount, need: number): void {
    if (account.refilling !== undefined || this.isExact(account)) return;
    this.refill(account, need).catch(() => {}); // whoever needs it then asks again, and hears of it
  }

  async #ask(account: LocalAccount, need: number): Promise<void> {
    account.learnPace(this.#clock.monotonicMs());
    const request = {
      id: this.#ids.next(),
      account: account.ref,
      amount: account.sizeFor(need),
      minimum: need,
      maxShare: account.maxShare,
      ttlMs: LEASE_TTL_MS,
      atMs: this.#time.nowMs(),
    };
    const take = (answer: Answer<LeaseResult>): Lease | undefined =>
      this.#take(account, request, answer);
    this.#journal.leaseAsked(request.id, account.ref);
    const answer = await this.#link
      .ask(
        () => this.#ledger.lease([request]),
        (late) => take(late)?.close(), // nobody waits any more: it goes back with the next report
      )
      .catch((error: unknown) => {
        this.#giveBackUnheard(account, request);
        throw error;
      });
    const lease = take(answer);
    if (lease !== undefined && lease.amount >= MIN_CALLS * need) return;
    account.exactUntilMs = this.#clock.monotonicMs() + EXACT_FOR_MS;
  }

  /** The store may have granted it without our knowing: then it goes back with the next report. */
  #giveBackUnheard(account: LocalAccount, { id, amount }: LeaseRequest): void {
    const lease = new Lease(id, account, amount, this.#time.moment());
    lease.close();
    account.leases.add(lease);
  }

  #take(
    account: LocalAccount,
    request: LeaseRequest,
    { reply, sent }: Answer<LeaseResult>,
  ): Lease | undefined {
    const [result] = reply.results;
    if (result?.kind !== "granted") {
      this.#journal.known(request.id);
      return undefined;
    }
    account.heardSpent = result.balance.settled + result.balance.unknown;
    const deadline = this.#time.deadline(result.expiresAtMs, reply.nowMs, sent);
    const lease = new Lease(request.id, account, result.amount, deadline);
    account.leases.add(lease);
    if (account.ref !== request.account) lease.close(); // the limit was changed on its way
    return lease;
  }
}
