import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import type {
  AccountRef,
  AccountWindow,
  Balance,
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
import { copyOf } from "../../ledger/memory-correction.ts";
import { systemClock } from "../../ports/clock.ts";
import type { LedgerContractOptions } from "./options.ts";

/** Nothing that the contract reserves may expire while a case runs. */
export const LONG_MS = 3_600_000;

/** A minute in slices of a second, as budgets roll. */
export const MINUTE: AccountWindow & { readonly kind: "rolling" } = {
  kind: "rolling",
  lengthMs: 60_000,
  sliceMs: 1_000,
};

/** One ledger under trial, asked one thing at a time, and what makes its keys and ids unique. */
export class LedgerCase {
  readonly ledger: Ledger;
  /** When the case starts: the first instant of a minute, and of each slice. */
  readonly startMs: number;
  readonly #prefix: string = randomUUID();
  #count = 0;

  constructor(ledger: Ledger, startMs: number) {
    this.ledger = ledger;
    this.startMs = Math.floor(startMs / MINUTE.lengthMs) * MINUTE.lengthMs;
  }

  /** A word that nobody has used. */
  unique(): string {
    return `${this.#prefix}-${++this.#count}`;
  }

  /** A new account with a limit: of all time, when nothing else is said. */
  account(limit: number, given: Partial<AccountRef> = {}): AccountRef {
    const forever = { startsAtMs: Number.NEGATIVE_INFINITY, endsAtMs: Number.POSITIVE_INFINITY };
    return {
      key: `contract|${this.unique()}`,
      windowKey: given.window?.kind === "rolling" ? "rolling" : "total",
      window: { kind: "fixed", ...forever },
      unit: "usd",
      limit,
      limitVersion: 1,
      org: this.#prefix,
      ephemeral: false,
      ...given,
    };
  }

  /**
   * The same account as another process names it: what this ledger keeps on `slot` is not in it.
   */
  again(account: AccountRef, change: Partial<AccountRef> = {}): AccountRef {
    const { slot: _slot, ...plain } = account;
    return { ...plain, ...change };
  }

  reservation(
    accounts: readonly AccountRef[],
    amounts: readonly number[],
    given: Partial<Reservation> = {},
  ): Reservation {
    const common = { expiresInMs: LONG_MS, atMs: this.startMs };
    return { id: this.unique(), accounts, amounts, ...common, ...given };
  }

  async reserve(request: Reservation): Promise<ReserveResult> {
    return only(await this.ledger.reserve([request]));
  }

  /** Reserves on one account what must fit; gives its id. */
  async hold(account: AccountRef, amount: number, atMs: number = this.startMs): Promise<string> {
    const request = this.reservation([account], [amount], { atMs });
    assert.equal((await this.reserve(request)).kind, "reserved", `${amount} fit`);
    return request.id;
  }

  /** Whether an amount would fit now; takes nothing. */
  async fits(account: AccountRef, amount: number, atMs: number = this.startMs): Promise<boolean> {
    const request = this.reservation([account], [amount], { atMs });
    const { kind } = await this.reserve(request);
    if (kind !== "reserved") return false;
    await this.settle(request.id, "released");
    return true;
  }

  async settle(id: string, as: Settlement["as"], ...amounts: number[]): Promise<SettleResult> {
    return only(await this.ledger.settle([{ id, as, amounts }]));
  }

  async lease(account: AccountRef, given: Partial<LeaseRequest> = {}): Promise<LeaseResult> {
    const common = { minimum: 1, maxShare: 1, ttlMs: LONG_MS, atMs: this.startMs };
    const request = { id: this.unique(), account, amount: 1, ...common, ...given };
    return only(await this.ledger.lease([request]));
  }

  /** Takes a slice that must be granted in full; gives its id. */
  async takeLease(
    account: AccountRef,
    amount: number,
    atMs: number = this.startMs,
  ): Promise<string> {
    const id = this.unique();
    const result = await this.lease(account, { id, amount, atMs });
    assert.equal(result.kind === "granted" ? result.amount : result.kind, amount);
    return id;
  }

  async giveBack(id: string, given: Partial<LeaseReturn> = {}): Promise<LeaseReturnResult> {
    const nothing = { revision: 1, settled: 0, unknown: 0, kept: 0, atMs: this.startMs };
    return only(await this.ledger.returnLeases([{ id, ...nothing, ...given }]));
  }

  async balance(account: AccountRef, atMs: number = this.startMs): Promise<Balance> {
    return copyOf(only(await this.ledger.balances([account], atMs)));
  }

  /** Asserts a whole balance; figures that are left out are 0. */
  async expect(account: AccountRef, given: Partial<Balance>, atMs?: number): Promise<void> {
    const nothing = { settled: 0, held: 0, leased: 0, unknown: 0 };
    assert.deepEqual(await this.balance(account, atMs), { ...nothing, ...given });
  }

  /** Whether the invariant holds for what the ledger shows. */
  async isWithin(account: AccountRef): Promise<boolean> {
    return total(await this.balance(account)) <= account.limit;
  }
}

/** Registers a case on a fresh ledger, and closes what it opened. */
export function ledgerCase(
  options: LedgerContractOptions,
  name: string,
  run: (trial: LedgerCase) => Promise<void>,
): void {
  options.test(name, async () => {
    const ledger = await options.createLedger();
    try {
      await ledger.ready();
      await run(new LedgerCase(ledger, options.nowMs?.() ?? systemClock.wallMs()));
    } finally {
      await ledger.close();
    }
  });
}

/** The only result of a batch of one. */
export function only<T>(reply: LedgerReply<T>): T {
  assert.equal(reply.results.length, 1, "one answer for one question");
  return reply.results[0] as T;
}

/** What the invariant bounds by the limit. */
export function total({ settled, held, leased, unknown }: Balance): number {
  return settled + held + leased + unknown;
}
