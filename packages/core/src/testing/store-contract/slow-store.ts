import { setImmediate } from "node:timers/promises";
import { createMemoryStore } from "../../guard/memory-store.ts";
import type { KillLog } from "../../kill/kill-log.ts";
import type {
  AccountRef,
  Balance,
  Correction,
  CorrectionResult,
  LateCharge,
  LateChargeResult,
  LeaseRequest,
  LeaseReturn,
  LeaseReturnResult,
  Ledger,
  LedgerReply,
  Reservation,
  Settlement,
  SettleResult,
} from "../../ledger/ledger.ts";
import { isPromise, type MaybePromise } from "../../ports/maybe-promise.ts";
import type { Store } from "../../ports/store.ts";
import { copyOf, only } from "./ledger-case.ts";

interface Expiring {
  readonly request: Reservation;
  readonly expiresAtMs: number;
  dispatched: boolean;
  expired: boolean;
}

interface ExpiringLease {
  readonly request: LeaseRequest;
  expiresAtMs: number;
  last: LeaseReturn;
  /** The reservation that stands for what the lease never accounted for. */
  charged?: string;
}

/**
 * The data of a store with latency, several connections and a clock of its own, as a database server
 * would be: for trying the contract itself. It keeps its data for as long as it is referred to.
 */
export class SlowDatabase {
  readonly #memory: Store = createMemoryStore();
  readonly #reservations = new Map<string, Expiring>();
  readonly #leases = new Map<string, ExpiringLease>();
  readonly #ended = new Set<string>();
  #nowMs = 0;

  /** Lets the database's clock pass and ends what has expired by then. */
  passTime(ms: number): void {
    this.#nowMs += ms;
    for (const [id, held] of this.#reservations) {
      if (held.expired || held.expiresAtMs > this.#nowMs) continue;
      held.expired = true;
      this.#settle({ id, as: held.dispatched ? "unknown" : "released", amounts: [] });
    }
    for (const [id, lease] of this.#leases) {
      if (lease.charged === undefined && lease.expiresAtMs <= this.#nowMs) this.#expire(id, lease);
    }
  }

  /** Another connection to the same data. */
  connect(): Store {
    let closed = false;
    const later = async <T>(answer: () => T): Promise<T> => {
      if (closed) throw new Error("this connection is closed");
      await setImmediate();
      const result = answer();
      await setImmediate();
      return result;
    };
    const ledger: Ledger = {
      durable: true,
      windows: "store",
      ready: () => later(() => undefined),
      reserve: (batch) => later(() => this.#reply(batch.map((item) => this.#reserve(item)))),
      dispatch: (ids) => later(() => this.#reply(ids.map((id) => this.#dispatch(id)))),
      settle: (batch) => later(() => this.#reply(batch.map((item) => this.#settle(item)))),
      balances: (refs, atMs) =>
        later(() => this.#reply(refs.map((ref) => this.#balance(ref, atMs)))),
      lease: (batch) => later(() => this.#reply(batch.map((item) => this.#lease(item)))),
      returnLeases: (batch) => later(() => this.#reply(batch.map((item) => this.#takeBack(item)))),
      charge: (batch) => later(() => this.#reply(batch.map((item) => this.#charge(item)))),
      correct: (batch) => later(() => this.#reply(batch.map((item) => this.#correct(item)))),
      close: () => {
        closed = true;
      },
    };
    return { ledger, killLog: this.#killLog(later) };
  }

  #killLog(later: <T>(answer: () => T) => Promise<T>): KillLog {
    const { killLog } = this.#memory;
    return {
      durable: true,
      append: async (entry) => later(() => killLog.append(entry)).then(structuredClone),
      read: async (epoch) => later(() => killLog.read(epoch)).then(structuredClone),
      subscribe: (listener) =>
        killLog.subscribe(
          (entry) =>
            void setImmediate()
              .then(() => listener(entry))
              .catch(() => {}),
        ),
    };
  }

  #reply<T>(results: readonly T[]): LedgerReply<T> {
    return { ...atOnce(this.#memory.ledger.balances([])), nowMs: this.#nowMs, results };
  }

  #reserve(given: Reservation) {
    if (this.#ended.has(given.id)) return { kind: "duplicate" } as const;
    const request = { ...given, accounts: given.accounts.map(withoutSlot) };
    const result = now(this.#memory.ledger.reserve([request]));
    if (result.kind === "reserved") {
      const expiresAtMs = this.#nowMs + given.expiresInMs;
      const dispatched = given.dispatched === true;
      const held = { request, expiresAtMs, dispatched, expired: false };
      this.#reservations.set(given.id, held);
    }
    return "balances" in result ? { ...result, balances: result.balances.map(copyOf) } : result;
  }

  #dispatch(id: string): boolean {
    const held = this.#reservations.get(id);
    if (held !== undefined) held.dispatched = true;
    return held !== undefined && !this.#ended.has(id);
  }

  #settle(end: Settlement): SettleResult {
    const held = this.#reservations.get(end.id);
    const wasReleased = held?.expired === true && !held.dispatched && end.as === "settled";
    if (held !== undefined && wasReleased && !this.#ended.has(end.id)) {
      const amounts = held.request.amounts.map(() => 0);
      now(this.#memory.ledger.reserve([{ ...held.request, amounts }]));
    }
    const result = now(this.#memory.ledger.settle([end]));
    if (result.applied && end.as !== "unknown" && held?.expired !== true) this.#ended.add(end.id);
    if (wasReleased) this.#ended.add(end.id);
    return { ...result, balances: result.balances.map(copyOf) };
  }

  #balance(ref: AccountRef, atMs: number | undefined): Balance {
    return copyOf(now(this.#memory.ledger.balances([withoutSlot(ref)], atMs)));
  }

  #lease(given: LeaseRequest) {
    const request = { ...given, account: withoutSlot(given.account) };
    const result = now(this.#memory.ledger.lease([request]));
    if (result.kind !== "granted" || this.#leases.has(given.id)) return result;
    const nothing = { revision: 0, settled: 0, unknown: 0 };
    const last = { id: given.id, ...nothing, kept: result.amount, atMs: given.atMs };
    this.#leases.set(given.id, { request, expiresAtMs: this.#nowMs + given.ttlMs, last });
    return { ...result, balance: copyOf(result.balance) };
  }

  #takeBack(given: LeaseReturn): LeaseReturnResult {
    const lease = this.#leases.get(given.id);
    if (lease?.charged !== undefined && given.revision > lease.last.revision) {
      const used = given.settled - lease.last.settled;
      lease.last = given;
      const end = { id: lease.charged, as: "settled", amounts: [used] } as const;
      const { applied, balances, spentBefore } = now(this.#memory.ledger.settle([end]));
      const [balance] = balances.map(copyOf);
      return { applied, balance, spentBefore: spentBefore[0], expiresAtMs: undefined };
    }
    const result = now(this.#memory.ledger.returnLeases([given]));
    if (lease !== undefined && result.applied) this.#prolong(lease, given);
    const { balance, applied } = result;
    return {
      ...result,
      balance: balance === undefined ? undefined : copyOf(balance),
      expiresAtMs: applied && given.kept > 0 ? lease?.expiresAtMs : undefined,
    };
  }

  #prolong(lease: ExpiringLease, given: LeaseReturn): void {
    lease.last = given;
    if (given.ttlMs === undefined) return;
    const { window } = lease.request.account;
    const endsAtMs = window.kind === "fixed" ? window.endsAtMs : Number.POSITIVE_INFINITY;
    const expiresAtMs = Math.min(endsAtMs, this.#nowMs + given.ttlMs);
    lease.expiresAtMs = Math.max(lease.expiresAtMs, expiresAtMs);
  }

  #charge(given: LateCharge): LateChargeResult {
    const charge = { ...given, account: withoutSlot(given.account) };
    const { balance, ...result } = now(this.#memory.ledger.charge([charge]));
    return { ...result, balance: balance === undefined ? undefined : copyOf(balance) };
  }

  #correct({ account, settled }: Correction): CorrectionResult {
    for (const { request, charged, last } of this.#leases.values()) {
      if (charged === undefined || request.account.key !== account.key) continue;
      Object.assign(last, { revision: Number.POSITIVE_INFINITY });
    }
    return now(this.#memory.ledger.correct([{ account: withoutSlot(account), settled }]));
  }

  /** What nobody accounted for becomes a call of unknown end. */
  #expire(id: string, lease: ExpiringLease): void {
    const { last, request } = lease;
    const over = { ...last, unknown: 0, kept: 0, revision: last.revision + 0.5 };
    now(this.#memory.ledger.returnLeases([over]));
    lease.charged = `${id}-expired`;
    const amounts = [last.unknown + last.kept];
    const rest = { id: lease.charged, accounts: [request.account], amounts };
    now(this.#memory.ledger.reserve([{ ...rest, expiresInMs: request.ttlMs, atMs: request.atMs }]));
    now(this.#memory.ledger.settle([{ id: lease.charged, as: "unknown", amounts: [] }]));
  }
}

function now<T>(reply: MaybePromise<LedgerReply<T>>): T {
  return only(atOnce(reply));
}

/** What memory answers without a promise. */
function atOnce<T>(reply: MaybePromise<T>): T {
  if (isPromise(reply)) throw new Error("memory answers at once");
  return reply;
}

function withoutSlot({ slot: _slot, ...ref }: AccountRef): AccountRef {
  return ref;
}
