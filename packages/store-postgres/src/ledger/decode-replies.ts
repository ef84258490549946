import type {
  Balance,
  CorrectionResult,
  LateChargeResult,
  LeaseResult,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import { reservationGroups, settlementGroups } from "./groups.ts";
import { heldOneByOne, moved } from "./one-by-one.ts";

type LeaseReturnResult = Awaited<ReturnType<Ledger["returnLeases"]>>["results"][number];

/** The reply of the function `run`: one reply for each operation. */
export function decodeReplies(
  operations: readonly LedgerOperation[],
  text: string,
): readonly LedgerReply<unknown>[] {
  const reader = new Reader(text.split(","));
  const [killEpoch, nowMs] = [reader.next(), reader.next()];
  return operations.map((operation) => ({ killEpoch, nowMs, results: readAll(reader, operation) }));
}

function readAll(reader: Reader, operation: LedgerOperation): readonly unknown[] {
  switch (operation.method) {
    case "reserve":
      return reservationGroups(operation.batch).flatMap((group) => reader.reservedGroup(group));
    case "dispatch":
      return operation.batch.map(() => reader.next() === 1);
    case "settle":
      return settlementGroups(operation.batch).flatMap((group) => reader.settledGroup(group));
    case "balances":
      return operation.batch.map(() => reader.balance());
    case "lease":
      return operation.batch.map(() => reader.leased());
    case "returnLeases":
      return operation.batch.map(() => reader.returned());
    case "charge":
      return operation.batch.map(() => reader.charged());
    case "correct":
      return operation.batch.map(() => reader.corrected());
  }
}

/** On which accounts a reservation held money, and how much. */
interface Hold {
  readonly accounts: readonly number[];
  readonly held: readonly number[];
}

const NOTHING: Balance = { settled: 0, held: 0, leased: 0, unknown: 0 };

/** Reads numbers one after the other. */
class Reader {
  readonly #numbers: readonly string[];
  #at = 0;

  constructor(numbers: readonly string[]) {
    this.#numbers = numbers;
  }

  next(): number {
    return Number(this.#numbers[this.#at++]);
  }

  balance(): Balance {
    const [settled, held, leased] = [this.next(), this.next(), this.next()];
    return { settled, held, leased, unknown: this.next() };
  }

  /** The database tells balances before a group that it took together; what follows is addition. */
  reservedGroup(group: readonly Reservation[]): readonly ReserveResult[] {
    if (this.next() === 0) return group.map((item) => this.reserved(item));
    return heldOneByOne(group, group[0]?.accounts.map(() => this.balance()) ?? []);
  }

  settledGroup(group: readonly Settlement[]): readonly SettleResult[] {
    if (this.next() === 0) return group.map(() => this.settled());
    const balances = new Map<number, Balance>();
    for (let left = this.next(); left > 0; left--) balances.set(this.next(), this.balance());
    const count = group[0]?.amounts.length ?? 0;
    const holds = this.#holds(group.length, count);
    return group.map(({ amounts }, item) => {
      const { accounts = [], held = [] } = holds[item] ?? {};
      const spentBefore: number[] = [];
      for (const [at, account] of accounts.entries()) {
        const balance = balances.get(account) ?? NOTHING;
        spentBefore.push(balance.settled + balance.unknown);
        balances.set(account, moved(balance, amounts[at] ?? 0, -(held[at] ?? 0)));
      }
      const after = accounts.map((account) => balances.get(account) ?? NOTHING);
      return { applied: true, balances: after, spentBefore };
    });
  }

  /** What each of so many settlements held: told once for all that held the same. */
  #holds(items: number, count: number): readonly Hold[] {
    const holds: Hold[] = [];
    for (let left = items; left > 0; ) {
      const places = this.#list(this.next());
      const hold = { accounts: this.#list(count), held: this.#list(count) };
      for (const place of places) holds[place] = hold;
      left -= places.length;
    }
    return holds;
  }

  #list(length: number): number[] {
    return Array.from({ length }, () => this.next());
  }

  reserved({ accounts }: Reservation): ReserveResult {
    const kind = this.next();
    if (kind === 2) return { kind: "duplicate" };
    if (kind === 0) return { kind: "reserved", balances: accounts.map(() => this.balance()) };
    const index = this.next();
    return { kind: "refused", index, balances: accounts.map(() => this.balance()) };
  }

  settled(): SettleResult {
    if (this.next() === 0) return { applied: false, balances: [], spentBefore: [] };
    const each = Array.from({ length: this.next() });
    const spentBefore = each.map(() => this.next());
    return { applied: true, spentBefore, balances: each.map(() => this.balance()) };
  }

  leased(): LeaseResult {
    if (this.next() === 0) return { kind: "refused", remaining: this.next() };
    const [amount, expiresAtMs] = [this.next(), this.next()];
    return { kind: "granted", amount, expiresAtMs, balance: this.balance() };
  }

  returned(): LeaseReturnResult {
    if (this.next() === 0) {
      return { applied: false, balance: undefined, spentBefore: undefined, expiresAtMs: undefined };
    }
    const [spentBefore, balance, expires] = [this.next(), this.balance(), this.next()];
    return { applied: true, balance, spentBefore, expiresAtMs: expires < 0 ? undefined : expires };
  }

  charged(): LateChargeResult {
    if (this.next() === 0) return { applied: false, balance: undefined, spentBefore: undefined };
    const spentBefore = this.next();
    return { applied: true, spentBefore, balance: this.balance() };
  }

  corrected(): CorrectionResult {
    const before = this.balance();
    return { before, after: this.balance() };
  }
}
