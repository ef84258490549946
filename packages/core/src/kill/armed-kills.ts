import type { GuardedCall } from "../call/guarded-call.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import { keyOfAccount } from "../ledger/memory-account.ts";
import type { Clock } from "../ports/clock.ts";
import type { ActiveKill } from "./kill-switch.ts";
import type { CompiledScope } from "./match-scope.ts";
import { ScopeIndex } from "./scope-index.ts";

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

/** Accounts of which it is remembered that they were killed; beyond it of the newest. */
const MAX_KNOWN = 10_000;
/** Shortest time between two searches for kills that have expired. */
const PURGE_EVERY_MS = 1_000;
/** What stands before a task in the key of an account. */
const TASK = "task=";

/**
 * The kills in force, found by what they name: those of contexts, and those of single budget
 * accounts, which thresholds pull. What a call looks at does not grow with what others are killed.
 */
export class ArmedKills {
  readonly #scoped = new ScopeIndex();
  readonly #accounts = new Map<string, ArmedKill>();
  readonly #accountsOfTasks = new Map<string, Set<ArmedKill>>();
  readonly #byId = new Map<string, readonly ArmedKill[]>();
  readonly #knownAccounts = new Set<string>();
  #throttles = 0;
  readonly #clock: Clock;
  readonly #changed: () => void;
  /** When the next one expires, but no sooner than expired ones may be looked for again. */
  #purgeAtMs = Number.POSITIVE_INFINITY;
  #mayPurgeAtMs = Number.NEGATIVE_INFINITY;

  /** `changed` hears of each that comes or goes. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** How many; those that have expired are among them until they are looked for. */
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

  /** Those that name a scope and may cover what is done in a frame; match each. */
  near(frame: ContextFrame): Iterable<ArmedKill> {
    this.#purge();
    return this.#scoped.near(frame);
  }

  /** Those that name no one context: a tool, a model, a provider, a budget or everything. */
  ofNoContext(): Iterable<ArmedKill> {
    this.#purge();
    return this.#scoped.others();
  }

  /** Both kinds, oldest first; ask whether each has expired. */
  all(): ArmedKill[] {
    return this.#unsorted().toSorted((a, b) => a.version - b.version);
  }

  /** Those of the accounts of a task. */
  ofAccountsOfTask(taskId: string): Iterable<ArmedKill> {
    return this.#accountsOfTasks.get(taskId) ?? [];
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
    this.#purge();
    this.#purgeAtMs = Math.min(this.#purgeAtMs, Math.max(armed.expiresAtMs, this.#mayPurgeAtMs));
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
      account === undefined ? this.#scoped.delete(armed) : this.#removeFromAccount(account, armed);
    if (isKnown && level === "throttle") this.#throttles--;
    const others = this.withId(id).filter((other) => other !== armed);
    if (others.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, others);
    this.#changed();
  }

  #unsorted(): ArmedKill[] {
    return [...this.#scoped, ...this.#accounts.values()];
  }

  #addToAccount(account: string, armed: ArmedKill): void {
    const before = this.#accounts.get(account);
    if (before !== undefined) this.remove(before);
    this.#accounts.set(account, armed);
    for (const task of tasksIn(account)) {
      const known = this.#accountsOfTasks.get(task) ?? new Set();
      this.#accountsOfTasks.set(task, known.add(armed));
    }
    this.#knownAccounts.add(account);
    const [oldest] = this.#knownAccounts;
    if (this.#knownAccounts.size > MAX_KNOWN) this.#knownAccounts.delete(oldest as string);
  }

  #removeFromAccount(account: string, armed: ArmedKill): boolean {
    for (const task of tasksIn(account)) {
      const kills = this.#accountsOfTasks.get(task);
      kills?.delete(armed);
      if (kills?.size === 0) this.#accountsOfTasks.delete(task);
    }
    return this.#accounts.delete(account);
  }

  /** Contexts and accounts that nobody uses any more ask for no kill: those must be looked for. */
  #purge(): void {
    if (this.#purgeAtMs === Number.POSITIVE_INFINITY) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#purgeAtMs) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const armed of this.#unsorted()) {
      if (armed.expiresAtMs <= nowMs) this.remove(armed);
      else nextMs = Math.min(nextMs, armed.expiresAtMs);
    }
    this.#mayPurgeAtMs = nowMs + PURGE_EVERY_MS;
    this.#purgeAtMs = Math.max(nextMs, this.#mayPurgeAtMs);
  }
}

/**
 * Whatever an account's key may name as its task: the end of the key, or less where a name in it is
 * written like one.
 */
function tasksIn(account: string): string[] {
  const tasks: string[] = [];
  const key = keyOfAccount(account);
  for (let at = key.indexOf(TASK); at >= 0; at = key.indexOf(TASK, at + 1)) {
    tasks.push(key.slice(at + TASK.length));
  }
  return tasks;
}
