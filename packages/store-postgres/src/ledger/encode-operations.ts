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
import { canReserveAll, canSettleAll } from "./whole-batch.ts";

const MOST = Number.MAX_SAFE_INTEGER;
/** The largest bigint stands for a window without end. */
const NEVER = "9223372036854775807";
const ENDS = { settled: 0, released: 1, unknown: 2 } as const;

/** Operations as the function `run` takes them. */
export interface EncodedOperations {
  /** Five array literals. */
  readonly parameters: readonly string[];
  /** The number by which they name an account. */
  numberOf(ref: AccountRef): number;
}

/** Writes operations for the function `run`. */
export function encodeOperations(operations: readonly LedgerOperation[]): EncodedOperations {
  const tape = new Tape();
  for (const operation of operations) tape.add(operation);
  return { parameters: tape.toParameters(), numberOf: (ref) => tape.numberOf(ref) };
}

/** Numbers in the order of the operations, pointing into lists of accounts and ids. */
class Tape {
  readonly #numbers: number[] = [];
  readonly #ids: string[] = [];
  readonly #shares: number[] = [];
  readonly #accounts = new Map<string, { readonly at: number; readonly ref: AccountRef }>();
  /** Accounts that are opened where there are none yet. */
  readonly #opened = new Set<number>();

  readonly #numberOf = new Map<AccountRef, number>();

  /** The number of an account that was added. */
  numberOf(ref: AccountRef): number {
    return this.#numberOf.get(ref) ?? 0;
  }

  add(operation: LedgerOperation): void {
    switch (operation.method) {
      case "reserve":
        this.#numbers.push(...reserveAll(operation.batch));
        each(operation.batch, (item) => this.#reserve(item));
        break;
      case "dispatch":
        each(operation.batch, (id) => this.#numbers.push(2, this.#id(id)));
        break;
      case "settle":
        this.#numbers.push(...settleAll(operation.batch));
        each(operation.batch, (item) => this.#settle(item));
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
      numberArray(this.#shares),
      numberArray(this.#numbers),
    ];
  }

  #reserve({ id, accounts, amounts, expiresInMs, atMs, dispatched }: Reservation): void {
    const sent = dispatched === true ? 1 : 0;
    const numbers = this.#numbers;
    numbers.push(1, this.#id(id), sent, duration(expiresInMs), instant(atMs), accounts.length);
    for (const [index, ref] of accounts.entries()) {
      numbers.push(this.#account(ref, true), limitOf(ref), whole(ref.limitVersion));
      numbers.push(amount(amounts[index]));
    }
  }

  #look(ref: AccountRef, atMs: number | undefined): void {
    this.#numbers.push(4, this.#account(ref, false), instant(atMs));
  }

  #settle({ id, as, amounts, atMs }: Settlement): void {
    this.#numbers.push(3, this.#id(id), ENDS[as], instant(atMs), amounts.length);
    for (const used of amounts) this.#numbers.push(amount(used));
  }

  #lease(request: LeaseRequest): void {
    const { id, account, minimum, maxShare, ttlMs, atMs } = request;
    const asked = Number.isNaN(maxShare) ? -1 : amount(request.amount);
    this.#shares.push(Number.isNaN(maxShare) ? 0 : Math.min(1, Math.max(0, maxShare)));
    const numbers = this.#numbers;
    numbers.push(5, this.#id(id), this.#account(account, true), limitOf(account));
    numbers.push(whole(account.limitVersion), asked, amount(minimum), this.#shares.length);
    numbers.push(duration(ttlMs), instant(atMs));
  }

  #takeBack({ id, revision, settled, unknown, kept, atMs, ttlMs }: LeaseReturn): void {
    const figures = [amount(settled), amount(unknown), amount(kept)];
    if (figures.includes(-1)) figures.fill(-1);
    const prolonged = ttlMs === undefined ? -1 : duration(ttlMs);
    this.#numbers.push(6, this.#id(id), whole(revision), ...figures, instant(atMs), prolonged);
  }

  #charge({ id, account, amount: spent, atMs, rememberMs }: LateCharge): void {
    this.#numbers.push(8, this.#id(id), this.#account(account, true), limitOf(account));
    const remember = duration(rememberMs);
    this.#numbers.push(whole(account.limitVersion), amount(spent), instant(atMs), remember);
  }

  #correct({ account, settled }: Correction): void {
    this.#numbers.push(7, this.#account(account, true), amount(settled));
  }

  #id(id: string): number {
    return this.#ids.push(keyOf(id));
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

/** What stands before reservations that the database may take in one step. */
function reserveAll(batch: readonly Reservation[]): readonly number[] {
  return canReserveAll(batch) ? [9, batch.length, batch[0]?.accounts.length ?? 0] : [];
}

/** What stands before settlements that the database may take in one step. */
function settleAll(batch: readonly Settlement[]): readonly number[] {
  return canSettleAll(batch) ? [10, batch.length, batch[0]?.amounts.length ?? 0] : [];
}

/**
 * The length keeps names apart that contain what joins them. A rolling window whose length was changed is another account: its slices mean
 * something else.
 */
function accountKey({ key, windowKey, window }: AccountRef): string {
  const length = window.kind === "rolling" ? ` ${window.lengthMs}/${window.sliceMs}` : "";
  return keyOf(`${key.length} ${key} ${windowKey}${length}`);
}

/** Ends, slice, slots: as many as the window has slices, and the one that is leaving. */
function windowOf({ window }: AccountRef): readonly (number | string)[] {
  if (window.kind === "rolling") {
    const sliceMs = Math.max(1, Math.ceil(window.sliceMs));
    return [NEVER, sliceMs, Math.ceil(window.lengthMs / sliceMs) + 1];
  }
  return [Number.isFinite(window.endsAtMs) ? whole(window.endsAtMs) : NEVER, 0, 0];
}

/** -1 where the ledger may not count with it. */
function amount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

/** -1 for none. */
function instant(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.max(0, whole(value)) : -1;
}

function duration(value: number): number {
  return Math.max(0, whole(value));
}

/** No limit of sense lets nothing through. */
function limitOf({ limit }: AccountRef): number {
  return Number.isNaN(limit) ? -1 : whole(limit);
}

function whole(value: number): number {
  return Number.isNaN(value) ? -1 : Math.min(MOST, Math.max(-MOST, Math.floor(value)));
}

function each<T>(batch: readonly T[], add: (item: T) => void): void {
  for (const item of batch) add(item);
}
