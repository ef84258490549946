import fc from "fast-check";
import { expect, it } from "vitest";
import { only } from "../testing/store-contract/ledger-case.ts";
import { idOf, LedgerOracle } from "../testing/store-contract/ledger-oracle.ts";
import type { AccountRef, AccountWindow, Balance, Ledger, LedgerReply } from "./ledger.ts";
import { createMemoryLedger } from "./memory-ledger.ts";

const START_MS = Date.UTC(2026, 0, 1);
const MAX_EPHEMERAL = 3;

const FOREVER: AccountWindow = { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY };
const MINUTE: AccountWindow = { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 };
const TEN_SECONDS: AccountWindow = { kind: "rolling", lengthMs: 10_000, sliceMs: 2_500 };

function accountOf(key: string, given: Partial<AccountRef> = {}): AccountRef {
  const window = { windowKey: "total", window: FOREVER };
  const limit = { unit: "usd" as const, limit: 100, limitVersion: 1 };
  return { key, ...window, ...limit, org: "acme", ephemeral: false, ...given };
}

/** Accounts that can be told apart by key, window, kind and org; the lasting ones come first. */
function someAccounts(): AccountRef[] {
  return [
    accountOf("day", { windowKey: "2026-01-01" }),
    accountOf("day", { windowKey: "2026-01-02" }),
    accountOf("minute", { windowKey: "rolling", window: MINUTE }),
    accountOf("seconds", { windowKey: "rolling", window: TEN_SECONDS, org: "other" }),
    ...["t1", "t2", "t3", "t4", "t5"].map((key) => accountOf(key, { ephemeral: true, limit: 60 })),
    accountOf("t6", { ephemeral: true, org: "other" }),
  ];
}
const LASTING = 4;
/** Of the lasting ones; the others roll. */
const FIXED = 2;

const pick = fc.nat({ max: 9 });
/** Few, so that they are used again. */
const id = fc.nat({ max: 5 }).map(String);
const amount = fc.nat({ max: 70 });
const nonsense = fc.constantFrom(-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY);
const anyAmount = fc.oneof({ weight: 15, arbitrary: amount }, { weight: 1, arbitrary: nonsense });

const step = fc.oneof(
  fc.record({
    do: fc.constant("reserve" as const),
    id,
    accounts: fc.array(pick, { minLength: 1, maxLength: 4 }),
    amounts: fc.array(anyAmount, { minLength: 4, maxLength: 4 }),
    /** Without what the ledger keeps on the reference. */
    isPlain: fc.boolean(),
    dispatched: fc.boolean(),
  }),
  fc.record({
    do: fc.constant("settle" as const),
    id,
    as: fc.constantFrom("settled" as const, "released" as const, "unknown" as const),
    amounts: fc.array(anyAmount, { maxLength: 4 }),
    isTimed: fc.boolean(),
  }),
  fc.record({
    do: fc.constant("lease" as const),
    id,
    account: pick,
    amount,
    minimum: fc.nat({ max: 20 }),
    maxShare: fc.constantFrom(1, 0.5, 1 / 64),
    ttlMs: fc.constantFrom(10_000, 60_000),
  }),
  fc.record({
    do: fc.constant("return" as const),
    id,
    revision: fc.integer({ min: 1, max: 6 }),
    settled: amount,
    unknown: amount,
    kept: amount,
    ttlMs: fc.option(fc.nat({ max: 200_000 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant("charge" as const), account: pick, amount }),
  fc.record({
    do: fc.constant("correct" as const),
    account: fc.nat({ max: FIXED - 1 }),
    settled: amount,
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: -30_000, max: 40_000 }) }),
  fc.record({
    do: fc.constant("limit" as const),
    account: fc.nat({ max: LASTING - 1 }),
    limit: fc.nat({ max: 200 }),
    limitVersion: fc.nat({ max: 4 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Answers {
  readonly ledger: unknown;
  readonly oracle: () => unknown;
}

/** The ledger and the oracle side by side. */
class Trial {
  readonly #ledger: Ledger = createMemoryLedger({ caps: { ephemeral: MAX_EPHEMERAL } });
  readonly #oracle = new LedgerOracle(MAX_EPHEMERAL);
  readonly #accounts = someAccounts();
  readonly #used = new Set<string>();
  #nowMs = START_MS;
  #count = 0;

  run(given: Step): void {
    this.#count++;
    const before = this.#accounts.map((ref) => this.#oracle.balance(ref));
    const { ledger, oracle } = this.#ask(given);
    this.#noticeForgotten(before);
    expect(ledger).toEqual(oracle());
    const balances = this.#accounts.map((ref) => this.#read(ref));
    expect(balances).toEqual(this.#accounts.map((ref) => this.#oracle.balance(ref)));
    for (const [index, ref] of this.#accounts.entries()) {
      const { settled, held, leased, unknown } = balances[index] as Balance;
      const bound = this.#oracle.boundOf(ref) ?? Number.POSITIVE_INFINITY;
      if (settled + held + leased + unknown > bound) throw new Error(`${ref.key} is over`);
    }
  }

  /** Only tasks may be forgotten, when nothing is open on them and others need their place. */
  #noticeForgotten(before: readonly Balance[]): void {
    for (const [index, ref] of this.#accounts.entries()) {
      const { settled, ...open } = before[index] as Balance;
      if (!ref.ephemeral || settled <= this.#read(ref).settled) continue;
      expect(open).toEqual({ held: 0, leased: 0, unknown: 0 });
      const rivals = this.#accounts.filter(
        (other) => other.ephemeral && other.org === ref.org && this.#used.has(idOf(other)),
      );
      expect(rivals.length).toBeGreaterThan(MAX_EPHEMERAL);
      this.#oracle.forget(ref);
    }
  }

  #read(ref: AccountRef): Balance {
    const { settled, held, leased, unknown } = now(this.#ledger.balances([plain(ref)]));
    return { settled, held, leased, unknown };
  }

  #account(index: number, isPlain = false): AccountRef {
    const ref = this.#accounts[index] as AccountRef;
    this.#used.add(idOf(ref));
    return isPlain ? plain(ref) : ref;
  }

  #ask(given: Step): Answers {
    const [ledger, oracle, atMs] = [this.#ledger, this.#oracle, this.#nowMs];
    if (given.do === "reserve") {
      const { dispatched, isPlain } = given;
      const accounts = given.accounts.map((index) => this.#account(index, isPlain));
      const amounts = given.amounts.slice(0, accounts.length);
      const request = { id: given.id, accounts, amounts, expiresInMs: 60_000, atMs, dispatched };
      return {
        ledger: now(ledger.reserve([request])).kind,
        oracle: () => oracle.reserve(request),
      };
    }
    if (given.do === "settle") {
      const timing = given.isTimed ? { atMs } : {};
      const end = { id: given.id, as: given.as, amounts: given.amounts, ...timing };
      const { applied, spentBefore } = now(ledger.settle([end]));
      return { ledger: applied ? spentBefore : undefined, oracle: () => oracle.settle(end) };
    }
    return this.#askForLease(given);
  }

  #askForLease(given: Step): Answers {
    const [ledger, oracle, atMs] = [this.#ledger, this.#oracle, this.#nowMs];
    if (given.do === "lease") {
      const { do: _do, ...ask } = given;
      const account = this.#account(given.account);
      const request = { ...ask, id: `lease-${given.id}`, account, atMs };
      const result = now(ledger.lease([request]));
      const { expiresAtMs } = result.kind === "granted" ? result : { expiresAtMs: 0 };
      return {
        ledger: result.kind === "granted" ? { amount: result.amount, expiresAtMs } : undefined,
        oracle: () => oracle.lease(request),
      };
    }
    if (given.do === "return") {
      const { do: _do, ttlMs, ...figures } = given;
      const renewal = ttlMs === undefined ? {} : { ttlMs };
      const back = { ...figures, ...renewal, id: `lease-${given.id}`, atMs };
      const { applied, spentBefore, expiresAtMs } = now(ledger.returnLeases([back]));
      return {
        ledger: applied ? { spentBefore, expiresAtMs } : undefined,
        oracle: () => oracle.returnLease(back),
      };
    }
    return this.#askMore(given);
  }

  #askMore(given: Step): Answers {
    const [ledger, oracle, atMs] = [this.#ledger, this.#oracle, this.#nowMs];
    if (given.do === "charge") {
      const account = this.#account(given.account);
      const id = `charge-${this.#count}`;
      const charge = { id, account, amount: given.amount, atMs, rememberMs: 60_000 };
      const { applied, spentBefore } = now(ledger.charge([charge]));
      return { ledger: spentBefore, oracle: () => (applied ? oracle.charge(charge) : undefined) };
    }
    if (given.do === "correct") {
      const correction = { account: this.#account(given.account), settled: given.settled };
      const { after } = now(ledger.correct([correction]));
      return {
        ledger: after,
        oracle: () => {
          oracle.correct(correction);
          return oracle.balance(correction.account);
        },
      };
    }
    if (given.do === "wait") this.#nowMs += given.ms;
    else if (given.do === "limit") {
      const { account, limit, limitVersion } = given;
      this.#accounts[account] = { ...plain(this.#account(account)), limit, limitVersion };
    }
    return { ledger: undefined, oracle: () => undefined };
  }
}

function plain({ slot: _slot, ...ref }: AccountRef): AccountRef {
  return ref;
}

/** Memory answers at once. */
function now<T>(reply: LedgerReply<T> | Promise<LedgerReply<T>>): T {
  return only(reply as LedgerReply<T>);
}

it("answers and counts as a sequential model does, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const trial = new Trial();
      for (const given of steps) trial.run(given);
    }),
    { numRuns: 250 },
  );
});
