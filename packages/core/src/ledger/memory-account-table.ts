import { SecondChanceMap } from "../bounded/second-chance-map.ts";
import type { AccountRef } from "./ledger.ts";
import { accountId, MemoryAccount } from "./memory-account.ts";

/** Caps of the table, for each org. */
export interface AccountCaps {
  /** Accounts of tasks and sessions: the longest idle makes room (default 10,000). */
  readonly ephemeral: number;
  /** All other accounts: never forgotten while their window lasts (default 100,000). */
  readonly lasting: number;
  /** Orgs (default 10,000). */
  readonly orgs: number;
}

interface OrgAccounts {
  readonly ephemeral: SecondChanceMap<string, MemoryAccount>;
  readonly lasting: Map<string, MemoryAccount>;
  sweptAtMs: number;
}

/** Shortest time between two searches for ended windows in a full table. */
const SWEEP_EVERY_MS = 1_000;

/**
 * Accounts by org, each org with caps of its own, so that one tenant's flood cannot push out
 * another's balances. When an org is full of live balances, new accounts are refused: forgetting
 * one would hand out its money again.
 */
export class MemoryAccountTable {
  readonly #caps: AccountCaps;
  readonly #orgs = new Map<string, OrgAccounts>();

  constructor(caps: AccountCaps) {
    this.#caps = caps;
  }

  /** Finds or opens the account; undefined when there is no room for it. */
  open(ref: AccountRef, atMs: number): MemoryAccount | undefined {
    const known = ref.slot as MemoryAccount | undefined;
    if (known?.touched) return known;
    const org = this.#org(ref.org, atMs);
    if (org === undefined) return undefined;
    const id = accountId(ref);
    const found = ref.ephemeral ? org.ephemeral.get(id) : org.lasting.get(id);
    const account = found ?? this.#add(org, ref, id, atMs);
    if (account !== undefined) {
      account.touched = true;
      ref.slot = account;
    }
    return account;
  }

  /** The account if it exists; opening none. */
  find(ref: AccountRef): MemoryAccount | undefined {
    const org = this.#orgs.get(ref.org);
    const id = accountId(ref);
    return ref.ephemeral ? org?.ephemeral.get(id) : org?.lasting.get(id);
  }

  #org(name: string, atMs: number): OrgAccounts | undefined {
    const found = this.#orgs.get(name);
    if (found !== undefined) return found;
    if (this.#orgs.size >= this.#caps.orgs && !this.#dropEmptyOrgs(atMs)) return undefined;
    const added: OrgAccounts = {
      ephemeral: new SecondChanceMap(this.#caps.ephemeral, (account) => account.idle),
      lasting: new Map(),
      sweptAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#orgs.set(name, added);
    return added;
  }

  #dropEmptyOrgs(atMs: number): boolean {
    const before = this.#orgs.size;
    for (const [name, org] of this.#orgs) {
      dropEnded(org, atMs);
      if (org.lasting.size === 0 && org.ephemeral.size === 0) this.#orgs.delete(name);
    }
    return this.#orgs.size < before;
  }

  #add(org: OrgAccounts, ref: AccountRef, id: string, atMs: number): MemoryAccount | undefined {
    const account = new MemoryAccount(ref);
    if (ref.ephemeral) return org.ephemeral.add(id, account) ? account : undefined;
    if (org.lasting.size >= this.#caps.lasting && !dropEnded(org, atMs)) return undefined;
    org.lasting.set(id, account);
    return account;
  }
}

function dropEnded(org: OrgAccounts, atMs: number): boolean {
  if (atMs < org.sweptAtMs + SWEEP_EVERY_MS) return false;
  org.sweptAtMs = atMs;
  const before = org.lasting.size;
  for (const [id, account] of org.lasting) {
    account.advance(atMs);
    if (!account.idle || (account.endsAtMs > atMs && account.settled > 0)) continue;
    account.touched = false; // whoever still points at it looks it up again
    org.lasting.delete(id);
  }
  return org.lasting.size < before;
}
