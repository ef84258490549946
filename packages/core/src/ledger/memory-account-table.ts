import { type Evictable, SecondChanceMap } from "../bounded/second-chance-map.ts";
import type { AccountRef } from "./ledger.ts";
import { accountId, MemoryAccount } from "./memory-account.ts";

/** Caps of the table; those of accounts are for each org. */
export interface AccountCaps {
  /** Accounts of tasks and sessions: the longest idle makes room (default 10,000). */
  readonly ephemeral: number;
  /** All other accounts: never forgotten while their window lasts (default 100,000). */
  readonly lasting: number;
  /**
   * Orgs: the longest unused with nothing to remember but idle tasks makes room (default 10,000).
   */
  readonly orgs: number;
}

interface OrgAccounts extends Evictable {
  readonly ephemeral: SecondChanceMap<string, MemoryAccount>;
  readonly lasting: Map<string, MemoryAccount>;
  sweptAtMs: number;
}

/** Shortest time between two searches for room in a full table. */
const SWEEP_EVERY_MS = 1_000;

/**
 * Accounts by key and window, counted against caps for each org, so that one tenant's flood cannot
 * push out another's balances. When an org is full of live balances, new accounts are refused:
 * forgetting one would hand out its money again.
 */
export class MemoryAccountTable {
  /** Accounts of tasks and sessions that made room though something was spent on them. */
  forgotten = 0;
  readonly #caps: AccountCaps;
  readonly #accounts = new Map<string, MemoryAccount>();
  readonly #orgs: SecondChanceMap<string, OrgAccounts>;
  #request = 0;
  #nowMs = Number.NEGATIVE_INFINITY;
  #orgsFullAtMs = Number.NEGATIVE_INFINITY;
  /** Balances of fixed windows that ended by then may be forgotten: none is opened anew. */
  #forgottenUntilMs = Number.NEGATIVE_INFINITY;

  constructor(caps: AccountCaps) {
    this.#caps = caps;
    this.#orgs = new SecondChanceMap(
      caps.orgs,
      (org) => this.#isForgettable(org),
      (org) => this.#forgetOrg(org),
    );
  }

  /** Starts a request: of the accounts that it opens none makes room for another. */
  startRequest(): void {
    this.#request++;
  }

  /** Finds or opens the account; undefined when there is no room for it. */
  open(ref: AccountRef, atMs: number): MemoryAccount | undefined {
    const known = ref.slot as MemoryAccount | undefined;
    const account = known?.touched === true ? known : (this.find(ref) ?? this.#add(ref, atMs));
    if (account === undefined) return undefined;
    account.touched = true;
    account.org.touched = true;
    account.request = this.#request;
    ref.slot = account;
    return account;
  }

  /** The account if it exists; opening none. */
  find(ref: AccountRef): MemoryAccount | undefined {
    return this.#accounts.get(accountId(ref));
  }

  /** The cap that refuses an account. */
  capFor(ref: AccountRef): number {
    if (this.#orgs.get(ref.org) === undefined) return this.#caps.orgs;
    return ref.ephemeral ? this.#caps.ephemeral : this.#caps.lasting;
  }

  #add(ref: AccountRef, atMs: number): MemoryAccount | undefined {
    this.#nowMs = atMs;
    const org = this.#orgs.get(ref.org) ?? this.#addOrg(ref.org, atMs);
    if (org === undefined) return undefined;
    const account = new MemoryAccount(ref, org);
    const added = ref.ephemeral
      ? org.ephemeral.add(account.id, account)
      : this.#addLasting(org, account, atMs);
    if (!added) return undefined;
    this.#accounts.set(account.id, account);
    return account;
  }

  #addLasting(org: OrgAccounts, account: MemoryAccount, atMs: number): boolean {
    if (account.endsAtMs <= this.#forgottenUntilMs) return false;
    if (org.lasting.size >= this.#caps.lasting && !this.#sweep(org, atMs)) return false;
    org.lasting.set(account.id, account);
    return true;
  }

  #addOrg(name: string, atMs: number): OrgAccounts | undefined {
    if (isWithin(SWEEP_EVERY_MS, this.#orgsFullAtMs, atMs)) return undefined;
    const org: OrgAccounts = {
      touched: true,
      ephemeral: new SecondChanceMap(
        this.#caps.ephemeral,
        (account) => account.idle && account.request !== this.#request,
        (account) => this.#forgetSpending(account),
      ),
      lasting: new Map(),
      sweptAtMs: Number.NEGATIVE_INFINITY,
    };
    if (this.#orgs.add(name, org)) return org;
    this.#orgsFullAtMs = atMs;
    return undefined;
  }

  /** Drops the accounts of an org that hold nothing and are over, or were never charged. */
  #sweep(org: OrgAccounts, atMs: number): boolean {
    if (isWithin(SWEEP_EVERY_MS, org.sweptAtMs, atMs)) return false;
    org.sweptAtMs = atMs;
    const before = org.lasting.size;
    for (const [id, account] of org.lasting) {
      account.advance(atMs);
      const ended = account.endsAtMs <= atMs;
      const isOver = ended ? account.held === 0 && account.leased === 0 : isUnused(account);
      if (!isOver || account.request === this.#request) continue;
      if (!isUnused(account)) {
        this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, account.endsAtMs);
      }
      org.lasting.delete(id);
      this.#forget(account);
    }
    return org.lasting.size < before;
  }

  #isForgettable(org: OrgAccounts): boolean {
    this.#sweep(org, this.#nowMs);
    if (org.lasting.size > 0) return false;
    for (const account of org.ephemeral.values()) {
      if (!account.idle || account.request === this.#request) return false;
    }
    return true;
  }

  #forgetOrg(org: OrgAccounts): void {
    for (const account of org.ephemeral.values()) this.#forgetSpending(account);
  }

  #forgetSpending(account: MemoryAccount): void {
    if (account.settled > 0) this.forgotten++;
    this.#forget(account);
  }

  #forget(account: MemoryAccount): void {
    account.touched = false; // whoever still points at it looks it up again
    this.#accounts.delete(account.id);
  }
}

function isUnused(account: MemoryAccount): boolean {
  return account.idle && account.settled === 0;
}

function isWithin(spanMs: number, thenMs: number, atMs: number): boolean {
  return Math.abs(atMs - thenMs) < spanMs;
}
