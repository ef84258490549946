import type { Balance, Reservation, ReserveResult, Settlement, SettleResult } from "@burnrate/core";

/** Fewer are not worth the statements that take them together. */
const FEWEST = 4;

/** Whether reservations are alike enough that the database may take them in one step. */
export function canReserveAll(batch: readonly Reservation[]): boolean {
  const count = batch[0]?.accounts.length ?? 0;
  return (
    isWorthwhile(batch, count) &&
    batch.every(({ accounts, amounts }) => {
      return accounts.length === count && amounts.length === count;
    })
  );
}

/** The same for settlements: all charge what is said. */
export function canSettleAll(batch: readonly Settlement[]): boolean {
  const count = batch[0]?.amounts.length ?? 0;
  return (
    isWorthwhile(batch, count) &&
    batch.every(({ as, amounts }) => {
      return as === "settled" && amounts.length === count && amounts.every(isAmount);
    })
  );
}

function isWorthwhile(batch: readonly { readonly id: string }[], count: number): boolean {
  return (
    batch.length >= FEWEST && count > 0 && new Set(batch.map(({ id }) => id)).size === batch.length
  );
}

function isAmount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Balances before a batch that was taken in one step, and what became of them item by item. */
export class RunningBalances {
  readonly #balances = new Map<number, Balance>();

  set(account: number, balance: Balance): void {
    this.#balances.set(account, balance);
  }

  reserve(accounts: readonly number[], amounts: readonly number[]): ReserveResult {
    for (const [at, account] of accounts.entries()) {
      const balance = this.#at(account);
      this.#balances.set(account, { ...balance, held: balance.held + (amounts[at] ?? 0) });
    }
    return { kind: "reserved", balances: accounts.map((account) => this.#at(account)) };
  }

  settle(
    accounts: readonly number[],
    held: readonly number[],
    used: readonly number[],
  ): SettleResult {
    const spentBefore = accounts.map((account, at) => {
      const balance = this.#at(account);
      this.#balances.set(account, {
        ...balance,
        settled: balance.settled + (used[at] ?? 0),
        held: balance.held - (held[at] ?? 0),
      });
      return balance.settled + balance.unknown;
    });
    return { applied: true, balances: accounts.map((account) => this.#at(account)), spentBefore };
  }

  #at(account: number): Balance {
    const balance = this.#balances.get(account);
    if (balance === undefined) throw new Error("the store has not told of an account");
    return balance;
  }
}
