import { formatAmount } from "../budget/budget-refusal.ts";
import { quote } from "../config/describe.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { AccountRef } from "../ledger/ledger.ts";
import { accountId } from "../ledger/memory-account.ts";

/** Accounts whose sums are kept; of further ones only the number of writes is. */
const MAX_ACCOUNTS = 1_000;
/** Accounts that a message names. */
const MAX_NAMED = 5;

interface Lost {
  readonly ref: AccountRef;
  amount: number;
}

/**
 * What was spent and no store will ever be told: budgets show less than was billed. Counted, and
 * said with its amounts, because nobody else knows of it.
 */
export class LostSpending {
  /** Ends and charges that were dropped. */
  count = 0;
  readonly #accounts = new Map<string, Lost>();

  /**
   * One write that is dropped; without an account where the store charges its money all the same.
   */
  add(ref?: AccountRef, amount = 0): void {
    this.count++;
    if (ref === undefined || amount === 0) return;
    const id = accountId(ref);
    const known = this.#accounts.get(id);
    if (known !== undefined)
      known.amount = Math.min(Number.MAX_SAFE_INTEGER, known.amount + amount);
    else if (this.#accounts.size < MAX_ACCOUNTS) this.#accounts.set(id, { ref, amount });
  }

  /** Says what is lost, by account; undefined when no money is. `when` completes the sentence. */
  toError(when: string): StoreUnavailableError | undefined {
    const lost = [...this.#accounts.values()];
    if (lost.length === 0) return undefined;
    const named = lost
      .slice(0, MAX_NAMED)
      .map(({ ref, amount }) => `${formatAmount(ref.unit, amount)} of account ${quote(ref.key)}`);
    const more = lost.length > MAX_NAMED ? ` and ${lost.length - MAX_NAMED} accounts more` : "";
    return new StoreUnavailableError({
      message: `${named.join(", ")}${more} were spent and are not in the store, because ${when}: budgets show less than was billed. Mend the store, then correct them with guard.reconcile.`,
      scope: "store",
      details: {
        lost: lost.map(({ ref: { key, windowKey, unit }, amount }) => ({
          key,
          windowKey,
          unit,
          amount,
        })),
      },
    });
  }
}
