import type {
  AccountRef,
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
import { canReserveAll, canSettleAll, RunningBalances } from "./whole-batch.ts";

type LeaseReturnResult = Awaited<ReturnType<Ledger["returnLeases"]>>["results"][number];

/** The reply of the function `run`: one reply for each operation. */
export function decodeReplies(
  operations: readonly LedgerOperation[],
  text: string,
  numberOf: (ref: AccountRef) => number,
): readonly LedgerReply<unknown>[] {
  const reader = new Reader(text.split(","), numberOf);
  const [killEpoch, nowMs] = [reader.next(), reader.next()];
  return operations.map((operation) => ({ killEpoch, nowMs, results: readAll(reader, operation) }));
}

function readAll(reader: Reader, operation: LedgerOperation): readonly unknown[] {
  switch (operation.method) {
    case "reserve":
      return reader.allReserved(operation.batch);
    case "dispatch":
      return operation.batch.map(() => reader.next() === 1);
    case "settle":
      return reader.allSettled(operation.batch);
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

/** Reads numbers one after the other. */
class Reader {
  readonly #numbers: readonly string[];
  readonly #numberOf: (ref: AccountRef) => number;
  #at = 0;

  constructor(numbers: readonly string[], numberOf: (ref: AccountRef) => number) {
    this.#numbers = numbers;
    this.#numberOf = numberOf;
  }

  next(): number {
    return Number(this.#numbers[this.#at++]);
  }

  balance(): Balance {
    const [settled, held, leased] = [this.next(), this.next(), this.next()];
    return { settled, held, leased, unknown: this.next() };
  }

  allReserved(batch: readonly Reservation[]): readonly ReserveResult[] {
    if (!canReserveAll(batch) || this.next() === 0) return batch.map((item) => this.reserved(item));
    const running = this.#before();
    return batch.map(({ accounts, amounts }) =>
      running.reserve(accounts.map(this.#numberOf), amounts),
    );
  }

  allSettled(batch: readonly Settlement[]): readonly SettleResult[] {
    if (!canSettleAll(batch) || this.next() === 0) return batch.map(() => this.settled());
    const running = this.#before();
    const count = batch[0]?.amounts.length ?? 0;
    const numbers = Array.from({ length: 2 * count * batch.length }, () => this.next());
    const part = (first: number): number[] => numbers.slice(first, first + count);
    return batch.map(({ amounts }, at) => {
      return running.settle(part(at * count), part((batch.length + at) * count), amounts);
    });
  }

  /** Balances of the accounts of a whole batch before it, by what the reply calls them. */
  #before(): RunningBalances {
    const running = new RunningBalances();
    for (let left = this.next(); left > 0; left--) running.set(this.next(), this.balance());
    return running;
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
