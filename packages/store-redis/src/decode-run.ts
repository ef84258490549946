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

/** How the script says what became of a reservation, and of a settlement. */
const RESERVED = { refused: 0, told: 1, duplicate: 2, follows: 3, manyFollow: 4 } as const;
const SETTLED = { notApplied: 0, told: 1, follows: 2, manyFollow: 3 } as const;

/** The script's flat list of numbers, read from front to back. */
export class Figures {
  /**
   * Balances of the last reservation or settlement that changed some: where those of the next
   * follow from them and its amounts, they are not told.
   */
  last: readonly Balance[] = [];
  /** So many more do so, and nothing is said of each. */
  following = 0;
  /** What each of them had held, when they are settlements. */
  held: readonly number[] = [];
  readonly #list: readonly unknown[];
  #at = 0;

  constructor(list: readonly unknown[]) {
    this.#list = list;
  }

  next(): number {
    return Number(this.#list[this.#at++]);
  }
}

/** One reply for each operation, in the order in which the script has written them. */
export function decodeRun(
  operations: readonly LedgerOperation[],
  figures: Figures,
  head: { readonly nowMs: number; readonly killEpoch: number },
): readonly LedgerReply<unknown>[] {
  return operations.map((operation) => ({ ...head, results: readAll(figures, operation) }));
}

function readAll(figures: Figures, operation: LedgerOperation): readonly unknown[] {
  switch (operation.method) {
    case "reserve":
      return operation.batch.map((request) => readReserved(figures, request));
    case "dispatch":
      return operation.batch.map(() => figures.next() === 1);
    case "settle":
      return operation.batch.map((end) => readSettled(figures, end));
    case "balances":
      return operation.batch.map(() => readBalance(figures));
    case "lease":
      return operation.batch.map(() => readLease(figures));
    case "returnLeases":
      return operation.batch.map(() => readReturned(figures));
    case "charge":
      return operation.batch.map(() => readCharged(figures));
    case "correct":
      return operation.batch.map((): CorrectionResult => {
        const before = readBalance(figures);
        return { before, after: readBalance(figures) };
      });
  }
}

function readBalance(figures: Figures): Balance {
  const settled = figures.next();
  const held = figures.next();
  const leased = figures.next();
  return { settled, held, leased, unknown: figures.next() };
}

/** A balance after so much more was settled, and held. */
function moved(balance: Balance, settled: number, held: number): Balance {
  return {
    settled: balance.settled + settled,
    held: balance.held + held,
    leased: balance.leased,
    unknown: balance.unknown,
  };
}

function readReserved(figures: Figures, { accounts, amounts }: Reservation): ReserveResult {
  const said = figures.following > 0 ? RESERVED.follows : figures.next();
  if (said === RESERVED.duplicate) return { kind: "duplicate" };
  if (said === RESERVED.manyFollow) figures.following = figures.next();
  if (said === RESERVED.follows || said === RESERVED.manyFollow) {
    if (figures.following > 0) figures.following--;
    figures.last = figures.last.map((balance, at) => {
      return moved(balance, 0, amounts[at] ?? 0);
    });
    return { kind: "reserved", balances: figures.last };
  }
  const index = said === RESERVED.refused ? figures.next() : 0;
  const balances = accounts.map(() => readBalance(figures));
  if (said === RESERVED.refused) return { kind: "refused", index, balances };
  figures.last = balances;
  return { kind: "reserved", balances };
}

function readSettled(figures: Figures, { amounts }: Settlement): SettleResult {
  const said = figures.following > 0 ? SETTLED.follows : figures.next();
  if (said === SETTLED.notApplied) return NOT_APPLIED;
  if (said === SETTLED.told) {
    const spentBefore = Array.from({ length: figures.next() }, () => figures.next());
    figures.last = spentBefore.map(() => readBalance(figures));
    return { applied: true, balances: figures.last, spentBefore };
  }
  if (said === SETTLED.manyFollow) figures.following = figures.next();
  const isOneOfMany = figures.following > 0;
  if (!isOneOfMany || said === SETTLED.manyFollow) {
    figures.held = figures.last.map(() => figures.next());
  }
  if (isOneOfMany) figures.following--;
  const spentBefore = figures.last.map(({ settled, unknown }) => settled + unknown);
  figures.last = figures.last.map((balance, at) =>
    moved(balance, amounts[at] ?? 0, -(figures.held[at] ?? 0)),
  );
  return { applied: true, balances: figures.last, spentBefore };
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
