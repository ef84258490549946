import type {
  AccountRef,
  Correction,
  LateCharge,
  LeaseRequest,
  LeaseReturn,
  Reservation,
  Settlement,
} from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import { keyOf, numberArray, textArray } from "../text.ts";
import { accountKey, amount, duration, limitOf, sumOf, whole } from "./encode-values.ts";
import { areSame, reservationGroups, settlementGroups } from "./groups.ts";

/** The largest bigint stands for a window without end. */
const NEVER = "9223372036854775807";
const ENDS = { settled: 0, released: 1, unknown: 2 } as const;
/** One attempt of a call gives back its share. */
const LEFT = 3;

/** Writes operations for the function `run`: its seven array literals. */
export function encodeOperations(operations: readonly LedgerOperation[]): readonly string[] {
  const tape = new Tape();
  for (const operation of operations) tape.add(operation);
  return tape.toParameters();
}

/** Numbers in the order of the operations, pointing into lists of accounts and ids. */
class Tape {
  readonly #numbers: number[] = [];
  /** Of reservations that should be there: their accounts are locked. */
  readonly #ids: string[] = [];
  readonly #newIds: string[] = [];
  readonly #leaseIds: string[] = [];
  readonly #shares: number[] = [];
  readonly #accounts = new Map<string, { readonly at: number; readonly ref: AccountRef }>();
  /** Accounts that are opened where there are none yet. */
  readonly #opened = new Set<number>();

  readonly #numberOf = new Map<AccountRef, number>();

  add(operation: LedgerOperation): void {
    switch (operation.method) {
      case "reserve":
        each(reservationGroups(operation.batch), (group) => this.#reserve(group));
        break;
      case "dispatch":
        each(operation.batch, (id) => this.#numbers.push(2, this.#ids.push(keyOf(id))));
        break;
      case "settle":
        each(settlementGroups(operation.batch), (group) => this.#settle(group));
        break;
      case "balances":
        each(operation.batch, (ref) => this.#look(ref, operation.atMs));
        break;
      case "lease":
        each(operation.batch, (item) => this.#lease(item));
        break;
      case "returnLeases":
        each(operation.batch, (item) => this.#takeBack(item));
        break;
      case "charge":
        each(operation.batch, (item) => this.#charge(item));
        break;
      case "correct":
        each(operation.batch, (item) => this.#correct(item));
        break;
    }
  }

  toParameters(): readonly string[] {
    const meta: (number | string)[] = [];
    for (const { ref, at } of this.#accounts.values()) {
      const flags = (ref.ephemeral ? 1 : 0) + (this.#opened.has(at) ? 2 : 0);
      meta.push(...windowOf(ref), flags, limitOf(ref), whole(ref.limitVersion));
    }
    return [
      textArray([...this.#accounts.keys()]),
      `{${meta.join(",")}}`,
      textArray(this.#ids),
      textArray(this.#newIds),
      textArray(this.#leaseIds),
      numberArray(this.#shares),
      numberArray(this.#numbers),
    ];
  }

  #reserve(group: readonly Reservation[]): void {
    const [one] = group;
    if (one === undefined) return;
    const { accounts, expiresInMs, dispatched, once } = one;
    const sums = accounts.map((_, at) => sumOf(group, at));
    const places = accounts.map((ref) => this.#account(ref, true));
    const together = new Set(places).size === places.length && !sums.includes(-1);
    const alike = group.every((item) => isSameItem(one, item));
    const numbers = this.#numbers;
    numbers.push(1, group.length, accounts.length, this.#newIds.length + 1);
    const flags = (dispatched === true ? 1 : 0) + (once === true ? 2 : 0);
    numbers.push(flags, duration(expiresInMs), together ? 1 : 0);
    numbers.push(alike ? 0 : accounts.length + 1);
    for (const [at, ref] of accounts.entries()) {
      numbers.push(places[at] ?? 0, limitOf(ref), whole(ref.limitVersion), sums[at] ?? -1);
    }
    for (const { atMs, amounts } of alike ? [one] : group) {
      numbers.push(instant(atMs));
      for (let at = 0; at < accounts.length; at++) numbers.push(amount(amounts[at]));
    }
    for (const { id } of group) this.#newIds.push(keyOf(id));
  }

  #look(ref: AccountRef, atMs: number | undefined): void {
    this.#numbers.push(4, this.#account(ref, false), instant(atMs));
  }

  #settle(group: readonly Settlement[]): void {
    const [one] = group;
    if (one === undefined) return;
    const { as, amounts, atMs, once } = one;
    const end = as === "released" && once === true ? LEFT : ENDS[as];
    const sums = amounts.map((_, at) => sumOf(group, at));
    const together =
      group.length > 1 && as === "settled" && amounts.length > 0 && !sums.includes(-1);
    const alike = group.every((item) => areSame(one.amounts, item.amounts));
    const numbers = this.#numbers;
    numbers.push(3, group.length, amounts.length, this.#ids.length + 1, end, instant(atMs));
    numbers.push(together ? 1 : 0, alike ? 0 : amounts.length);
    for (const item of alike ? [one] : group) {
      for (const used of item.amounts) numbers.push(amount(used));
    }
    for (const { id } of group) this.#ids.push(keyOf(id));
  }

  #lease(request: LeaseRequest): void {
    const { id, account, minimum, maxShare, ttlMs, atMs } = request;
    const asked = Number.isNaN(maxShare) ? -1 : amount(request.amount);
    this.#shares.push(Number.isNaN(maxShare) ? 0 : Math.min(1, Math.max(0, maxShare)));
    const numbers = this.#numbers;
    numbers.push(5, this.#leaseIds.push(keyOf(id)), this.#account(account, true), limitOf(account));
    numbers.push(whole(account.limitVersion), asked, amount(minimum), this.#shares.length);
    numbers.push(duration(ttlMs), instant(atMs));
  }

  #takeBack({ id, revision, settled, unknown, kept, atMs, ttlMs }: LeaseReturn): void {
    const figures = [amount(settled), amount(unknown), amount(kept)];
    if (figures.includes(-1)) figures.fill(-1);
    const prolonged = ttlMs === undefined ? -1 : duration(ttlMs);
    this.#numbers.push(6, this.#leaseIds.push(keyOf(id)), whole(revision), ...figures);
    this.#numbers.push(instant(atMs), prolonged);
  }

  #charge({ id, account, amount: spent, atMs, rememberMs }: LateCharge): void {
    const number = this.#newIds.push(keyOf(id));
    this.#numbers.push(8, number, this.#account(account, true), limitOf(account));
    const remember = duration(rememberMs);
    this.#numbers.push(whole(account.limitVersion), amount(spent), instant(atMs), remember);
  }

  #correct({ account, settled }: Correction): void {
    this.#numbers.push(7, this.#account(account, true), amount(settled));
  }

  #account(ref: AccountRef, opens: boolean): number {
    const number = this.#numberOf.get(ref) ?? this.#addAccount(ref);
    if (opens) this.#opened.add(number);
    return number;
  }

  #addAccount(ref: AccountRef): number {
    const id = accountKey(ref);
    const known = this.#accounts.get(id);
    const number = known?.at ?? this.#accounts.size + 1;
    if (known === undefined) this.#accounts.set(id, { at: number, ref });
    this.#numberOf.set(ref, number);
    return number;
  }
}

function isSameItem(one: Reservation, other: Reservation): boolean {
  return one.atMs === other.atMs && areSame(one.amounts, other.amounts);
}

/** Ends, slice, slots: as many as the window has slices, and the one that is leaving. */
function windowOf({ window }: AccountRef): readonly (number | string)[] {
  if (window.kind === "rolling") {
    const sliceMs = Math.max(1, Math.ceil(window.sliceMs));
    return [NEVER, sliceMs, Math.ceil(window.lengthMs / sliceMs) + 1];
  }
  return [Number.isFinite(window.endsAtMs) ? whole(window.endsAtMs) : NEVER, 0, 0];
}

/** -1 for none. */
function instant(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.max(0, whole(value)) : -1;
}

function each<T>(batch: readonly T[], add: (item: T) => void): void {
  for (const item of batch) add(item);
}
