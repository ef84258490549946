import type { AccountRef, Balance, Ledger } from "../ledger/ledger.ts";
import { accountId } from "../ledger/memory-account.ts";
import type { LocalAccounts } from "./local-accounts.ts";
import type { StoreLink } from "./store-link.ts";

/** Most changes that wait to be told; of older ones the account's next change tells. */
const MAX_UNTOLD = 10_000;

/** Told of each change of what is spent, as the store counts it. */
export type OnSpent = (account: AccountRef, spentBefore: number, balance: Balance) => void;

/** What a lease, an end or a charge added to what is spent. */
export interface SpentChange {
  readonly account: AccountRef;
  /** Id of the lease, end or charge. */
  readonly by: string;
  readonly amount: number;
}

/** Answers that got lost on the way, of one account. */
interface Lost {
  /** What was spent when this process had heard of it last, before it asked. */
  from: number;
  /** Who asked. What they asked for may have been done, or not. */
  readonly by: Set<string>;
}

/** What those who ask the store need of it. */
export type SpendingListener = Pick<
  ToldSpending,
  "add" | "answerLost" | "heard" | "tell" | "tellSince"
>;

/**
 * Who hears what the store says is spent. Each change is told with what was spent right before, so
 * that of many guards the one whose change crossed a threshold says so, and nobody else. Where a
 * change was made and its answer got lost, nobody knows that any more: then all since this process
 * last heard of the account is told, so that what was crossed may be told twice, but never not at
 * all.
 */
export class ToldSpending {
  readonly #accounts: LocalAccounts;
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #onSpent: OnSpent;
  readonly #lost = new Map<string, Lost>();
  #untold: readonly SpentChange[] = [];

  constructor(accounts: LocalAccounts, ledger: Ledger, link: StoreLink, onSpent: OnSpent) {
    this.#accounts = accounts;
    this.#ledger = ledger;
    this.#link = link;
    this.#onSpent = onSpent;
  }

  /** Whether all that is known to have changed was told. */
  get isUpToDate(): boolean {
    return this.#untold.length === 0;
  }

  /** What was spent when this process heard of an account last, if it remembers. */
  heard(account: AccountRef): number | undefined {
    return this.#accounts.peek(account)?.heardSpent;
  }

  /** A question was not answered; `heard` is what was known to be spent when it was asked. */
  answerLost(account: AccountRef, by: string, heard: number = Number.POSITIVE_INFINITY): void {
    const id = accountId(account);
    const lost = this.#lost.get(id) ?? { from: heard, by: new Set() };
    lost.from = Math.min(lost.from, heard);
    lost.by.add(by);
    this.#lost.set(id, lost);
  }

  /** The store says what is spent, and what was right before. */
  tell(account: AccountRef, spentBefore: number, balance: Balance): void {
    const local = this.#accounts.peek(account);
    if (local !== undefined) local.heardSpent = spentOf(balance);
    this.#onSpent(account, spentBefore, balance);
  }

  /** The same for one who may have made part of the change before, without hearing of it. */
  tellSince({ account, by, amount }: SpentChange, spentBefore: number, balance: Balance): void {
    const lost = this.#take(account, by);
    const since = spentOf(balance) - amount;
    const isUntold = lost !== undefined && since < spentBefore;
    this.tell(account, isUntold ? this.#tellLost(account, lost, since) : spentBefore, balance);
  }

  /** Remembers changes that were made and told to nobody, for `catchUp`. */
  add(changes: readonly SpentChange[]): void {
    const some = changes.filter(({ amount }) => amount > 0);
    if (some.length > 0) this.#untold = [...this.#untold, ...some].slice(-MAX_UNTOLD);
  }

  /**
   * Asks for what is spent now, and tells what was not. Never throws; what fails is tried again.
   */
  async catchUp(atMs: number): Promise<void> {
    const untold = this.#untold;
    if (untold.length === 0) return;
    this.#untold = [];
    try {
      const refs = untold.map(({ account }) => account);
      const { reply } = await this.#link.ask(() => this.#ledger.balances(refs, atMs));
      for (const [index, balance] of reply.results.entries()) {
        const { account, by, amount } = untold[index] as SpentChange;
        const lost = this.#take(account, by);
        if (lost === undefined) continue; // told with another one's
        const before = this.#tellLost(account, lost, spentOf(balance) - amount);
        this.tell(account, before, balance);
      }
    } catch {
      this.add(untold);
    }
  }

  /** The account's lost answers, if one of them was this one's. */
  #take(account: AccountRef, by: string): Lost | undefined {
    const id = accountId(account);
    const lost = this.#lost.get(id);
    if (lost?.by.delete(by) !== true) return undefined;
    if (lost.by.size === 0) this.#lost.delete(id);
    return lost;
  }

  /** From where all that was lost of an account is told at once. */
  #tellLost(account: AccountRef, { from }: Lost, since: number): number {
    this.#lost.delete(accountId(account));
    return Math.max(0, Math.min(from, since));
  }
}

function spentOf({ settled, unknown }: Balance): number {
  return settled + unknown;
}
