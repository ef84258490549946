import { setImmediate } from "node:timers/promises";
import { createMemoryStore } from "../../guard/memory-store.ts";
import type { KillLog } from "../../kill/kill-log.ts";
import type {
  AccountRef,
  Balance,
  LateCharge,
  LateChargeResult,
  LeaseRequest,
  LeaseResult,
  LeaseReturn,
  LeaseReturnResult,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "../../ledger/ledger.ts";
import { MemoryAccountTable } from "../../ledger/memory-account-table.ts";
import { MemoryCharges } from "../../ledger/memory-charges.ts";
import { copyOf, correct, NOTHING } from "../../ledger/memory-correction.ts";
import { MemoryLeases } from "../../ledger/memory-leases.ts";
import { MemoryReservations } from "../../ledger/memory-reservations.ts";
import { withoutSlot } from "../../ledger/without-slot.ts";
import { systemClock } from "../../ports/clock.ts";
import { isPromise, type MaybePromise } from "../../ports/maybe-promise.ts";
import type { Store } from "../../ports/store.ts";
import { createFakeClock, type FakeClock } from "../fake-clock.ts";

interface Expiring {
  readonly request: Reservation;
  expiresAtMs: number;
  dispatched: boolean;
  expired: boolean;
}

const CAPS = { ephemeral: 1_000, lasting: 10_000, orgs: 1_000 };

/**
 * The data of a store with latency, several connections and a clock of its own, as a database
 * server would be: for trying the contract itself. It keeps its data for as long as it is referred
 * to.
 */
export class SlowDatabase {
  readonly #clock: FakeClock = createFakeClock(systemClock.wallMs());
  readonly #memory: Required<Store> = createMemoryStore({ clock: this.#clock });
  readonly #table = new MemoryAccountTable(CAPS);
  readonly #holds = new MemoryReservations(this.#table, CAPS.lasting);
  readonly #charges = new MemoryCharges(this.#table);
  readonly #leases = new MemoryLeases(this.#table);
  readonly #reservations = new Map<string, Expiring>();
  readonly #ended = new Set<string>();

  /** Lets the database's clock pass and ends what has expired by then. */
  passTime(ms: number): void {
    this.#clock.advance(ms);
    const nowMs = this.#clock.wallMs();
    for (const [id, held] of this.#reservations) {
      if (held.expired || held.expiresAtMs > nowMs) continue;
      held.expired = true;
      this.#settle({ id, as: held.dispatched ? "unknown" : "released", amounts: [] });
    }
    this.#leases.expire(nowMs);
  }

  /** Another connection to the same data. */
  connect(): Required<Store> {
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
      correct: (batch) =>
        later(() =>
          this.#reply(
            batch.map((item) =>
              correct(this.#table, { ...item, account: withoutSlot(item.account) }),
            ),
          ),
        ),
      close: () => {
        closed = true;
      },
    };
    const { fleet, state, outbox } = this.#memory;
    return {
      ledger,
      killLog: this.#killLog(later),
      fleet: slowly(fleet, later),
      state: slowly(state, later),
      outbox: slowly(outbox, later),
    };
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
    const { killEpoch } = atOnce(this.#memory.ledger.balances([]));
    return { killEpoch, nowMs: this.#clock.wallMs(), results };
  }

  #reserve(given: Reservation): ReserveResult {
    if (this.#ended.has(given.id)) return { kind: "duplicate" } as const;
    const request = { ...given, accounts: given.accounts.map(withoutSlot) };
    const result = this.#holds.reserve(request);
    if (result.kind === "reserved") {
      const expiresAtMs = this.#clock.wallMs() + given.expiresInMs;
      const dispatched = given.dispatched === true;
      this.#reservations.set(given.id, { request, expiresAtMs, dispatched, expired: false });
    }
    return "balances" in result ? { ...result, balances: result.balances.map(copyOf) } : result;
  }

  #dispatch(id: string): boolean {
    const held = this.#reservations.get(id);
    if (held === undefined || held.expired || this.#ended.has(id)) return false;
    held.dispatched = true;
    held.expiresAtMs = Math.max(held.expiresAtMs, this.#clock.wallMs() + held.request.expiresInMs);
    return true;
  }

  #settle(end: Settlement): SettleResult {
    const held = this.#reservations.get(end.id);
    const wasReleased = held?.expired === true && !held.dispatched && end.as === "settled";
    if (held !== undefined && wasReleased && !this.#ended.has(end.id)) {
      this.#holds.reserve({ ...held.request, amounts: held.request.amounts.map(() => 0) });
    }
    const result = this.#holds.settle(end);
    const isFree = end.as === "released" && end.once === true;
    const isOver = result.applied && end.as !== "unknown" && held?.expired !== true;
    if (isOver && !isFree) this.#ended.add(end.id);
    if (wasReleased) this.#ended.add(end.id);
    return { ...result, balances: result.balances.map(copyOf) };
  }

  #balance(ref: AccountRef, atMs: number | undefined): Balance {
    const account = this.#table.find(ref);
    if (atMs !== undefined) account?.advance(atMs);
    return copyOf(account ?? NOTHING);
  }

  #lease(given: LeaseRequest): LeaseResult {
    const request = { ...given, account: withoutSlot(given.account) };
    const result = this.#leases.grant(request, this.#clock.wallMs());
    return result.kind === "granted" ? { ...result, balance: copyOf(result.balance) } : result;
  }

  #charge(given: LateCharge): LateChargeResult {
    const charge = { ...given, account: withoutSlot(given.account) };
    const { balance, ...result } = this.#charges.charge(charge);
    return { ...result, balance: balance === undefined ? undefined : copyOf(balance) };
  }

  #takeBack(given: LeaseReturn): LeaseReturnResult {
    const { balance, ...result } = this.#leases.takeBack(given, this.#clock.wallMs());
    return { ...result, balance: balance === undefined ? undefined : copyOf(balance) };
  }
}

/** The same port, each answer of which takes its time. */
function slowly<P extends object>(port: P, later: <T>(answer: () => T) => Promise<T>): P {
  return new Proxy(port, {
    get: (_, name) => {
      const method: unknown = Reflect.get(port, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => later(() => Reflect.apply(method, port, given));
    },
  });
}

/** What memory answers without a promise. */
function atOnce<T>(reply: MaybePromise<T>): T {
  if (isPromise(reply)) throw new Error("memory answers at once");
  return reply;
}
