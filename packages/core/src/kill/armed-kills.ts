import type { GuardedCall } from "../call/guarded-call.ts";
import type { Clock } from "../ports/clock.ts";
import type { ActiveKill } from "./kill-switch.ts";
import type { CompiledScope } from "./match-scope.ts";

/** A kill at work. */
export interface ArmedKill {
  /** Replaced by the log's own line once it has numbered the kill. */
  entry: ActiveKill;
  /** Whether `kill-issued` was told: once, with the log's number when there is one. */
  announced: boolean;
  readonly scope: CompiledScope;
  /** On the monotonic clock, so that a jump of the wall clock neither ends nor prolongs it. */
  readonly expiresAtMs: number;
  /** The switch's version once it was in force: tasks that started below it are older. */
  readonly version: number;
  /** Under `throttle`: the call whose turn it is. */
  running: GuardedCall | undefined;
}

/** Kills of accounts beyond which those that have expired are looked for. */
const MIN_PURGE = 1_000;
/** Accounts of which it is remembered that they were killed; beyond it of the newest. */
const MAX_KNOWN = 10_000;

/**
 * The kills in force. Those of contexts, tools and models are a short list; those of single budget
 * accounts, which thresholds pull, are found by account.
 */
export class ArmedKills {
  readonly #scoped = new Set<ArmedKill>();
  readonly #accounts = new Map<string, ArmedKill>();
  readonly #byId = new Map<string, readonly ArmedKill[]>();
  readonly #knownAccounts = new Set<string>();
  #throttles = 0;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #purgeAt = MIN_PURGE;

  /** `changed` hears of each that comes or goes. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** How many, those that have expired unseen included. */
  get size(): number {
    return this.#scoped.size + this.#accounts.size;
  }

  /** How many let one call through at a time. */
  get throttles(): number {
    return this.#throttles;
  }

  /** Whether any is of a single account; when none is, accounts need not be found. */
  get hasAccounts(): boolean {
    return this.#accounts.size > 0;
  }

  /** Those that name a scope; ask whether each has expired. */
  scoped(): Iterable<ArmedKill> {
    return this.#scoped;
  }

  /** Both kinds; ask whether each has expired. */
  all(): ArmedKill[] {
    return [...this.#scoped, ...this.#accounts.values()];
  }

  /** More than one where an `ids` option repeats itself. */
  withId(id: string): readonly ArmedKill[] {
    return this.#byId.get(id) ?? [];
  }

  /** The one of a single account, unless it has expired. */
  ofAccount(account: string): ArmedKill | undefined {
    const armed = this.#accounts.get(account);
    return armed === undefined || this.isExpired(armed) ? undefined : armed;
  }

  /** Whether an account was killed at any time, oldest ones forgotten. */
  knowsAccount(account: string): boolean {
    return this.#knownAccounts.has(account);
  }

  /** Whether its time is over; then it goes. */
  isExpired(armed: ArmedKill): boolean {
    if (this.#clock.monotonicMs() < armed.expiresAtMs) return false;
    this.remove(armed);
    return true;
  }

  /** Puts one into force. */
  add(armed: ArmedKill): void {
    const { account, id } = armed.entry;
    if (armed.entry.level === "throttle") this.#throttles++;
    if (account === undefined) this.#scoped.add(armed);
    else this.#addToAccount(account, armed);
    this.#byId.set(id, [...this.withId(id), armed]);
    this.#changed();
  }

  /** Takes one out of force. */
  remove(armed: ArmedKill): void {
    const { account, id, level } = armed.entry;
    const isKnown =
      account === undefined ? this.#scoped.delete(armed) : this.#accounts.delete(account);
    if (isKnown && level === "throttle") this.#throttles--;
    const others = this.withId(id).filter((other) => other !== armed);
    if (others.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, others);
    this.#changed();
  }

  /** Accounts whose window has ended are not asked for again, so their kills must be looked for. */
  #addToAccount(account: string, armed: ArmedKill): void {
    const before = this.#accounts.get(account);
    if (before !== undefined) this.remove(before);
    this.#accounts.set(account, armed);
    this.#knownAccounts.add(account);
    const [oldest] = this.#knownAccounts;
    if (this.#knownAccounts.size > MAX_KNOWN) this.#knownAccounts.delete(oldest as string);
    if (this.#accounts.size < this.#purgeAt) return;
    for (const kill of this.#accounts.values()) this.isExpired(kill);
    this.#purgeAt = Math.max(MIN_PURGE, 2 * this.#accounts.size);
  }
}
