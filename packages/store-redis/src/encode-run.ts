import type {
  AccountRef,
  LateCharge,
  LeaseRequest,
  LeaseReturn,
  Reservation,
  Settlement,
} from "@burnrate/core";
import type { LedgerMethod, LedgerOperation } from "@burnrate/core/adapter";
import { encodeText } from "./text.ts";

/** Marks a figure that is no amount; the script knows what becomes of it. */
const NO_AMOUNT = -1;
const NOT_SAID = -1;
const MAX = Number.MAX_SAFE_INTEGER;
/** Longest time that a reservation or lease may stand. */
const MAX_TTL_MS = 10 * 365 * 86_400_000;

const METHODS: Readonly<Record<LedgerMethod, number>> = {
  reserve: 1,
  dispatch: 2,
  settle: 3,
  balances: 4,
  lease: 5,
  returnLeases: 6,
  charge: 7,
  correct: 8,
};
/** Reservations, and settlements, that stand for many. */
const RESERVE_ALIKE = 9;
const SETTLE_ALIKE = 10;
const ENDS: Readonly<Record<Settlement["as"], number>> = { settled: 1, released: 2, unknown: 3 };
/** One attempt of a call gives back its share. */
const LEFT = 4;

/** A run as the ledger's script reads it: accounts once, however many items name them. */
export interface EncodedRun {
  readonly refs: readonly unknown[];
  /** Lists of accounts on which reservations hold, each once, as numbers of refs. */
  readonly sets: readonly (readonly number[])[];
  /** Keys of the reservations that it names, in the order in which it does. */
  readonly keys: readonly string[];
  /** Method, how many items, and the items. */
  readonly operations: readonly unknown[];
}

type Item = string | number;

/**
 * Writes each operation as one flat list, in which every number is one that Lua can count with.
 * `prefix` is what every key of the namespace begins with.
 */
export function encodeRun(operations: readonly LedgerOperation[], prefix: string): EncodedRun {
  const run = new RunEncoder(prefix);
  const encoded = operations.flatMap((operation) => run.operation(operation));
  return { refs: run.refs, sets: run.sets, keys: run.keys, operations: encoded };
}

/** Fewer alike are not worth an item of their own. */
const FEWEST_ALIKE = 4;

class RunEncoder {
  readonly refs: unknown[] = [];
  readonly sets: (readonly number[])[] = [];
  readonly keys: string[] = [];
  readonly #prefix: string;
  readonly #numbers = new Map<AccountRef, number>();
  readonly #sets = new Map<string, number>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  operation(operation: LedgerOperation): readonly unknown[] {
    const { method, batch } = operation;
    if (method === "reserve" && haveOneIdEach(batch)) {
      return this.#alike(batch, RESERVE_ALIKE, areAlikeReservations, (list, item) =>
        this.#reservation(list, item),
      );
    }
    if (method === "settle" && haveOneIdEach(batch)) {
      return this.#alike(batch, SETTLE_ALIKE, areAlikeSettlements, (list, item) =>
        this.#settlement(list, item),
      );
    }
    return [[METHODS[method], batch.length, this.#items(operation)]];
  }

  /** Neighbours that differ in their ids alone are one item, and how many they are. */
  #alike<T extends { readonly id: string }>(
    batch: readonly T[],
    method: number,
    areAlike: (one: T, other: T) => boolean,
    write: (list: Item[], item: T) => void,
  ): readonly unknown[] {
    const list: Item[] = [];
    let groups = 0;
    let countAt = 0;
    for (const [index, item] of batch.entries()) {
      this.#nameReservation(item.id);
      const before = batch[index - 1];
      if (before !== undefined && areAlike(before, item)) {
        list[countAt] = (list[countAt] as number) + 1;
        continue;
      }
      groups++;
      countAt = list.push(1) - 1;
      write(list, item);
    }
    return [[method, groups, list]];
  }

  #items(operation: LedgerOperation): Item[] {
    switch (operation.method) {
      case "reserve":
        return each(operation.batch, (list, item) => {
          this.#nameReservation(item.id);
          this.#reservation(list, item);
        });
      case "dispatch":
        return each(operation.batch, (_, id) => this.#nameReservation(id));
      case "settle":
        return each(operation.batch, (list, item) => {
          this.#nameReservation(item.id);
          this.#settlement(list, item);
        });
      case "balances":
        return each(operation.batch, (list, ref) =>
          list.push(this.#ref(ref), instant(operation.atMs)),
        );
      case "lease":
        return each(operation.batch, (list, item) => this.#lease(list, item));
      case "returnLeases":
        return each(operation.batch, (list, item) => this.#leaseReturn(list, item));
      case "charge":
        return each(operation.batch, (list, item) => this.#charge(list, item));
      case "correct":
        return each(operation.batch, (list, item) =>
          list.push(this.#ref(item.account), amount(item.settled)),
        );
    }
  }

  #reservation(list: Item[], given: Reservation): void {
    const { accounts, amounts, dispatched, once, expiresInMs, atMs } = given;
    const flags = (dispatched === true ? 1 : 0) + (once === true ? 2 : 0);
    list.push(flags, span(expiresInMs), instant(atMs), this.#set(accounts));
    for (let index = 0; index < accounts.length; index++) list.push(amount(amounts[index]));
  }

  #settlement(list: Item[], { as, amounts, atMs, once }: Settlement): void {
    const end = as === "released" && once === true ? LEFT : ENDS[as];
    list.push(end, instant(atMs), amounts.length);
    for (const used of amounts) list.push(amount(used));
  }

  #lease(list: Item[], given: LeaseRequest): void {
    const { maxShare, ttlMs, atMs } = given;
    const share = Number.isFinite(maxShare) ? maxShare : NO_AMOUNT;
    list.push(this.#key("l", given.id), this.#ref(given.account), amount(given.amount));
    list.push(amount(given.minimum), share, span(ttlMs), instant(atMs));
  }

  #leaseReturn(list: Item[], given: LeaseReturn): void {
    const { revision, settled, unknown, kept, atMs, ttlMs } = given;
    list.push(this.#key("l", given.id), Number.isFinite(revision) ? revision : 0);
    list.push(amount(settled), amount(unknown), amount(kept), instant(atMs));
    list.push(ttlMs === undefined ? NOT_SAID : span(ttlMs));
  }

  #charge(list: Item[], { id, account, rememberMs, ...given }: LateCharge): void {
    list.push(this.#key("c", id), this.#ref(account), amount(given.amount));
    list.push(instant(given.atMs), span(rememberMs));
  }

  #nameReservation(id: string): void {
    this.keys.push(this.#key("r", id));
  }

  #key(kind: string, id: string): string {
    return `${this.#prefix}${kind}:${encodeText(id)}`;
  }

  /** The number by which the run's items name a list of accounts. */
  #set(accounts: readonly AccountRef[]): number {
    const set = accounts.map((ref) => this.#ref(ref));
    const name = set.join();
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const number = this.sets.push(set);
    this.#sets.set(name, number);
    return number;
  }

  /** The number by which the run's items name an account. */
  #ref(ref: AccountRef): number {
    const known = this.#numbers.get(ref);
    if (known !== undefined) return known;
    const number = this.refs.push(encodeRef(ref));
    this.#numbers.set(ref, number);
    return number;
  }
}

/** An id that is named twice may mean something else the second time. */
function haveOneIdEach(batch: readonly { readonly id: string }[]): boolean {
  return batch.length >= FEWEST_ALIKE && new Set(batch.map(({ id }) => id)).size === batch.length;
}

function areAlikeReservations(one: Reservation, other: Reservation): boolean {
  return (
    areSame(one.accounts, other.accounts) &&
    areSame(one.amounts, other.amounts) &&
    one.atMs === other.atMs &&
    one.expiresInMs === other.expiresInMs &&
    one.dispatched === other.dispatched &&
    one.once !== true &&
    other.once !== true
  );
}

function areAlikeSettlements(one: Settlement, other: Settlement): boolean {
  return (
    one.as === other.as &&
    one.once === other.once &&
    one.atMs === other.atMs &&
    areSame(one.amounts, other.amounts)
  );
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some === others) return true;
  return some.length === others.length && some.every((value, at) => value === others[at]);
}

function each<T>(batch: readonly T[], write: (list: Item[], item: T) => unknown): Item[] {
  const list: Item[] = [];
  for (const item of batch) write(list, item);
  return list;
}

function amount(value: number | undefined): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : NO_AMOUNT;
}

function span(ms: number): number {
  return ms > 0 ? Math.floor(Math.min(ms, MAX_TTL_MS)) : 0;
}

function instant(atMs: number | undefined): number {
  return atMs !== undefined && atMs >= 0 && atMs <= MAX ? Math.floor(atMs) : NOT_SAID;
}

function encodeRef({ key, windowKey, window, limit, limitVersion, ephemeral }: AccountRef) {
  const rolling = window.kind === "rolling" ? window : undefined;
  const endsAtMs = window.kind === "fixed" ? window.endsAtMs : 0;
  return [
    `${encodeText(key)}\n${encodeText(windowKey)}`,
    Number.isNaN(limit) ? 0 : Math.max(-MAX, Math.min(limit, MAX)),
    Number.isFinite(limitVersion) ? limitVersion : 0,
    endsAtMs <= MAX ? Math.max(0, Math.floor(endsAtMs)) : 0,
    rolling?.sliceMs ?? 0,
    rolling === undefined ? 0 : Math.ceil(rolling.lengthMs / rolling.sliceMs) + 1,
    ephemeral ? 1 : 0,
  ];
}
