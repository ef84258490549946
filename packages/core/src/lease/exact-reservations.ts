import type { LeaseJournal } from "../journal/lease-journal.ts";
import type {
  AccountRef,
  Ledger,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "../ledger/ledger.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { Clock } from "../ports/clock.ts";
import type { ReportListeners } from "./lease-reports.ts";
import type { PendingWrites } from "./pending-writes.ts";
import type { StoreLink } from "./store-link.ts";

/** A store charges what its holder did not prolong for so long. */
const TTL_MS = 15_000;
const PROLONG_EVERY_MS = 4_000;
const MAX_BATCH = 256;
/** Ends of unknown truth that are waited for; beyond, the oldest keep their charge. */
const MAX_UNKNOWN = 2_000;
/** Charged calls of which another attempt may come while the store is down. */
const MAX_CHARGED = 10_000;

/** Reservations that the store itself holds, for calls near a limit. */
export class ExactReservations {
  readonly #open = new Map<string, readonly AccountRef[]>();
  /** Those of which the truth may still come: nothing is held any more, and nothing prolonged. */
  readonly #unknown = new Map<string, readonly AccountRef[]>();
  /** Calls with several attempts that were charged here, the oldest first. */
  readonly #charged = new Set<string>();
  readonly #telling = new Set<Promise<void>>();
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #pending: PendingWrites;
  readonly #clock: Clock;
  readonly #listeners: ReportListeners;
  readonly #journal: LeaseJournal;
  readonly #atMs: () => number;
  /** One copy for each account: so a store sees which calls spend from the same. */
  readonly #plain = new WeakMap<AccountRef, AccountRef>();
  #prolongedMs = Number.NEGATIVE_INFINITY;

  constructor(
    ledger: Ledger,
    link: StoreLink,
    pending: PendingWrites,
    clock: Clock,
    listeners: ReportListeners,
    journal: LeaseJournal,
    atMs: () => number,
  ) {
    this.#listeners = listeners;
    this.#journal = journal;
    this.#atMs = atMs;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#link = link;
    this.#pending = pending;
  }

  /** How many are open, or have an end on its way to the store. */
  get size(): number {
    return this.#open.size + this.#telling.size;
  }

  has(id: string): boolean {
    return this.#open.has(id) || this.#unknown.has(id);
  }

  /** From here on it may be billed; false when it is not one of these. */
  dispatch(id: string): boolean {
    if (!this.has(id)) return false;
    this.#journal.heldSent(id);
    return true;
  }

  /** Whether a call with several attempts is charged for one that ended here. */
  wasCharged(id: string): boolean {
    return this.#charged.has(id);
  }

  /**
   * Reserves in the store. It counts as dispatched there, because nobody asks again before a call
   * is sent; when it is never sent it is released. What the store may have held without our knowing
   * is released as soon as it answers again: one attempt of several only when it has said so itself,
   * however late, because a release of what was never held would be another attempt's.
   */
  async reserve(request: Reservation): Promise<ReserveResult> {
    const { id } = request;
    const accounts = request.accounts.map((account) => this.#plainOf(account));
    const expiresInMs = request.once === true ? request.expiresInMs : TTL_MS;
    const asked = { ...request, accounts, expiresInMs, dispatched: true };
    if (request.once !== true) this.#journal.held(id, accounts.length);
    try {
      const { reply } = await this.#link.ask(
        () => this.#ledger.reserve([asked]),
        ({ reply: late }) => this.#releaseLate(request, late.results[0]),
      );
      const result = reply.results[0] as ReserveResult;
      if (result.kind === "reserved") {
        this.#open.set(id, accounts);
        this.#charged.delete(id); // the store has forgotten it
      } else if (request.once !== true) {
        this.#journal.known(id);
      }
      return result;
    } catch (error) {
      if (request.once !== true) this.#pending.addEnd(neverSent({ id, accounts }));
      throw error;
    }
  }

  /** Gives back the share of an attempt that was refused because the store was silent. */
  #releaseLate({ id, once }: Reservation, result: ReserveResult | undefined): void {
    if (once !== true || (result?.kind !== "reserved" && result?.kind !== "duplicate")) return;
    const release: Settlement = { id, as: "released", amounts: [], once };
    const telling = this.#link
      .ask(() => this.#ledger.settle([release]))
      .then(() => {})
      .catch(() => {}) // it stays held until another attempt ends, or it expires
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /**
   * Ends a call of which there may be other attempts: whoever is first is charged. While the store
   * is down a charge waits for it. A release does not: told twice, it would be two attempts'.
   */
  async settleOnce(end: Settlement): Promise<SettleResult> {
    const accounts = this.#open.get(end.id);
    this.#open.delete(end.id);
    if (end.as === "settled") this.#journal.heldEnded(end);
    try {
      const { reply } = await this.#link.ask(() => this.#ledger.settle([end]));
      this.#journal.known(end.id);
      const result = reply.results[0] as SettleResult;
      if (result.applied && end.as === "settled") this.#rememberCharged(end.id);
      return result;
    } catch (error) {
      if (end.as === "settled") {
        this.#pending.addEnd(end, accounts);
        this.#rememberCharged(end.id);
      }
      throw error;
    }
  }

  /**
   * Ends a reservation. Nobody waits for the store: what is lost on the way stays charged in full
   * until it expires there, and while the store is down the end waits for it.
   */
  settle(given: Settlement): void {
    const open = this.#open.get(given.id);
    const accounts = open ?? this.#unknown.get(given.id) ?? [];
    const isUnsent = given.as === "released" && open !== undefined;
    const end = isUnsent ? { ...given, ...neverSent({ id: given.id, accounts }) } : given;
    this.#open.delete(end.id);
    this.#unknown.delete(end.id);
    if (end.as === "unknown") this.#rememberUnknown(end.id, accounts);
    this.#journal.heldEnded(end);
    const heard = accounts.map((account) => this.#listeners.told.heard(account));
    const telling = this.#link
      .ask(() => this.#ledger.settle([end]))
      .then(({ reply }) => this.#hear(end, accounts, reply.results[0] as SettleResult))
      .catch(() => {
        for (const [index, account] of accounts.entries()) {
          this.#listeners.told.answerLost(account, end.id, heard[index]);
        }
        this.#pending.addEnd(end, accounts);
      })
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /** Waits until the store has heard of every end, or has failed to. */
  async idle(): Promise<void> {
    await Promise.all(this.#telling);
  }

  #hear(end: Settlement, accounts: readonly AccountRef[], result: SettleResult): void {
    const { applied, balances, spentBefore } = result;
    if (!applied && end.as === "settled") this.#chargeLost(end, accounts);
    this.#journal.endKnown(end);
    for (const [index, balance] of balances.entries()) {
      const account = accounts[index];
      const before = spentBefore[index];
      if (account !== undefined && before !== undefined)
        this.#listeners.told.tell(account, before, balance);
    }
  }

  #plainOf(account: AccountRef): AccountRef {
    const known = this.#plain.get(account);
    if (known !== undefined) return known;
    const plain = withoutSlot(account);
    this.#plain.set(account, plain);
    return plain;
  }

  #rememberCharged(id: string): void {
    this.#charged.add(id);
    const [oldest] = this.#charged;
    if (this.#charged.size > MAX_CHARGED) this.#charged.delete(oldest as string);
  }

  #rememberUnknown(id: string, accounts: readonly AccountRef[]): void {
    this.#unknown.set(id, accounts);
    const [oldest] = this.#unknown.keys();
    if (this.#unknown.size > MAX_UNKNOWN && oldest !== undefined) this.#unknown.delete(oldest);
  }

  /**
   * The store has lost the reservation, as a server loses its last second: the truth is charged.
   */
  #chargeLost({ amounts }: Settlement, accounts: readonly AccountRef[]): void {
    for (const [index, account] of accounts.entries()) {
      this.#listeners.chargeUnbacked(account, amounts[index] ?? 0, this.#atMs());
    }
  }

  /** Says now and then that the calls are still running. Never throws. */
  async prolong(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#prolongedMs < PROLONG_EVERY_MS) return;
    this.#prolongedMs = nowMs;
    const ids = [...this.#open.keys()];
    try {
      for (let from = 0; from < ids.length; from += MAX_BATCH) {
        const batch = ids.slice(from, from + MAX_BATCH);
        await this.#link.ask(() => this.#ledger.dispatch(batch));
      }
    } catch {
      // The link knows that the store is down; what expires there is corrected by its end.
    }
  }
}

/**
 * Ends what was never sent by charging nothing: a store that heard of it too late took it for sent,
 * and a truth corrects that, where a release would not.
 */
function neverSent({ id, accounts }: Pick<Reservation, "id" | "accounts">): Settlement {
  return { id, as: "settled", amounts: accounts.map(() => 0) };
}
