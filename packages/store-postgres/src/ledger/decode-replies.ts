import type {
  Balance,
  CorrectionResult,
  LateChargeResult,
  LeaseResult,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  SettleResult,
} from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";

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
      return operation.batch.map((request) => reader.reserved(request));
    case "dispatch":
      return operation.batch.map(() => reader.next() === 1);
    case "settle":
      return operation.batch.map(() => reader.settled());
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
