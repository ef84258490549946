import { isAmount } from "./amount.ts";
import type { LateCharge, LateChargeResult } from "./ledger.ts";
import type { MemoryAccountTable } from "./memory-account-table.ts";

/** Ids of charges that are remembered, so that none is charged twice. */
const MAX_CHARGED = 10_000;

const NOT_CHARGED: LateChargeResult = Object.freeze({
  applied: false,
  balance: undefined,
  spentBefore: undefined,
});

/** What was spent without a reservation, once for each id. */
export class MemoryCharges {
  readonly #table: MemoryAccountTable;
  /** Ids that were charged, the oldest first. */
  readonly #charged = new Set<string>();

  constructor(table: MemoryAccountTable) {
    this.#table = table;
  }

  charge({ id, account: ref, amount, atMs }: LateCharge): LateChargeResult {
    if (this.#charged.has(id) || !isAmount(amount)) return NOT_CHARGED;
    this.#table.startRequest();
    const account = this.#table.open(ref, atMs);
    if (account === undefined) return NOT_CHARGED;
    const slice = account.update(ref, atMs);
    const spentBefore = account.settled + account.unknown;
    account.settle(amount, slice);
    this.#charged.add(id);
    const [oldest] = this.#charged;
    if (this.#charged.size > MAX_CHARGED) this.#charged.delete(oldest as string);
    return { applied: true, balance: account, spentBefore };
  }
}
