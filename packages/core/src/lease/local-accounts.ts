import type { AccountRef } from "../ledger/ledger.ts";
import { accountId } from "../ledger/memory-account.ts";
import { LocalAccount } from "./local-account.ts";

/** Most accounts with leases at a time; the calls of others ask the store themselves. */
const MAX_ACCOUNTS = 20_000;

/** The accounts that this process has leases of, or asks for. */
export class LocalAccounts {
  readonly #accounts = new Map<string, LocalAccount>();

  /** The account if it is here, brought to its newest limit. */
  find(ref: AccountRef): LocalAccount | undefined {
    const known = ref.slot as LocalAccount | undefined;
    const account = known?.isKept === true ? known : this.#accounts.get(accountId(ref));
    if (account === undefined) return undefined;
    ref.slot = account;
    account.update(ref);
    return account;
  }

  /** The account as it is, whatever limit the reference has. */
  peek(ref: AccountRef): LocalAccount | undefined {
    return this.#accounts.get(accountId(ref));
  }

  /** Finds or opens it; undefined when there are too many. */
  open(ref: AccountRef): LocalAccount | undefined {
    const found = this.find(ref);
    if (found !== undefined || this.#accounts.size >= MAX_ACCOUNTS) return found;
    const account = new LocalAccount(ref);
    this.#accounts.set(account.id, account);
    ref.slot = account;
    return account;
  }

  /** Forgets it when nothing of it is left here. */
  dropIfIdle(account: LocalAccount): void {
    if (!account.isIdle) return;
    account.isKept = false;
    this.#accounts.delete(account.id);
  }

  /** Forgets all that nothing is left of: also those that only asked for a lease and got none. */
  dropIdle(nowMs: number): void {
    for (const account of this.#accounts.values()) {
      if (nowMs >= account.exactUntilMs) this.dropIfIdle(account);
    }
  }

  get size(): number {
    return this.#accounts.size;
  }

  [Symbol.iterator](): IterableIterator<LocalAccount> {
    return this.#accounts.values();
  }
}
