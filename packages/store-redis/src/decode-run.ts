import type {
  Balance,
  CorrectionResult,
  LateChargeResult,
  LeaseResult,
  Ledger,
  LedgerReply,
  ReserveResult,
  SettleResult,
} from "@burnrate/core";
import type { LedgerMethod, LedgerOperation } from "@burnrate/core/adapter";

type LeaseReturnResult = Awaited<ReturnType<Ledger["returnLeases"]>>["results"][number];

const NOT_APPLIED: SettleResult = Object.freeze({ applied: false, balances: [], spentBefore: [] });
const NOT_RETURNED: LeaseReturnResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
  expiresAtMs: undefined,
});
const NOT_CHARGED: LateChargeResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
});
const KINDS = ["refused", "reserved", "duplicate"] as const;

/** The script's flat list of numbers, read from front to back. */
export class Figures {
  readonly #list: readonly unknown[];
  #at = 0;

  constructor(list: readonly unknown[]) {
    this.#list = list;
  }

  next(): number {
    return Number(this.#list[this.#at++]);
  }
}

const READERS: Readonly<Record<LedgerMethod, (figures: Figures) => unknown>> = {
  reserve: readReserved,
  dispatch: (figures) => figures.next() === 1,
  settle: readSettled,
  balances: readBalance,
  lease: readLease,
  returnLeases: readReturned,
  charge: readCharged,
  correct: (figures): CorrectionResult => {
    const before = readBalance(figures);
    return { before, after: readBalance(figures) };
  },
};

/** One reply for each operation, in the order in which the script has written them. */
export function decodeRun(
  operations: readonly LedgerOperation[],
  figures: Figures,
  head: { readonly nowMs: number; readonly killEpoch: number },
): readonly LedgerReply<unknown>[] {
  return operations.map(({ method, batch }) => {
    const read = READERS[method];
    return { ...head, results: Array.from({ length: batch.length }, () => read(figures)) };
  });
}

function readBalance(figures: Figures): Balance {
  const settled = figures.next();
  const held = figures.next();
  const leased = figures.next();
  return { settled, held, leased, unknown: figures.next() };
}

function readReserved(figures: Figures): ReserveResult {
  const kind = KINDS[figures.next()] ?? "duplicate";
  if (kind === "duplicate") return { kind };
  const index = kind === "refused" ? figures.next() : 0;
  const balances = Array.from({ length: figures.next() }, () => readBalance(figures));
  return kind === "refused" ? { kind, index, balances } : { kind, balances };
}

function readSettled(figures: Figures): SettleResult {
  if (figures.next() !== 1) return NOT_APPLIED;
  const balances: Balance[] = [];
  const spentBefore: number[] = [];
  for (let left = figures.next(); left > 0; left--) {
    balances.push(readBalance(figures));
    spentBefore.push(figures.next());
  }
  return { applied: true, balances, spentBefore };
}

function readLease(figures: Figures): LeaseResult {
  if (figures.next() !== 1) return { kind: "refused", remaining: figures.next() };
  const amount = figures.next();
  const expiresAtMs = figures.next();
  return { kind: "granted", amount, expiresAtMs, balance: readBalance(figures) };
}

function readReturned(figures: Figures): LeaseReturnResult {
  if (figures.next() !== 1) return NOT_RETURNED;
  const balance = readBalance(figures);
  const spentBefore = figures.next();
  const expiresAtMs = figures.next();
  return {
    applied: true,
    balance,
    spentBefore,
    expiresAtMs: expiresAtMs < 0 ? undefined : expiresAtMs,
  };
}

function readCharged(figures: Figures): LateChargeResult {
  if (figures.next() !== 1) return NOT_CHARGED;
  const balance = readBalance(figures);
  return { applied: true, balance, spentBefore: figures.next() };
}
