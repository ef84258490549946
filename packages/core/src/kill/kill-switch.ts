import type { GuardedCall } from "../call/guarded-call.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { Emitter } from "../events/emitter.ts";
import type { Clock } from "../ports/clock.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { KillEntry, KillLog, NewKillEntry } from "./kill-log.ts";
import type { KillLevel } from "./kill-scope.ts";
import { type CompiledScope, compileScope } from "./match-scope.ts";

/** Why, who, how hard, and for how long. */
export interface KillOptions {
  readonly reason: string;
  readonly by: string;
  /** Default `abort`: the person who pulls the switch means now. */
  readonly level?: KillLevel;
  /** Ends by itself after this long; otherwise only a revive ends it. */
  readonly ttlMs?: number;
  /** How long to wait for other processes to acknowledge (default 1,000). */
  readonly ackTimeoutMs?: number;
}

/** Why and who takes a kill back. */
export interface ReviveOptions {
  readonly reason: string;
  readonly by: string;
}

/** What a kill achieved. Success is never claimed without an acknowledgement. */
export interface KillReceipt {
  readonly id: string;
  readonly epoch: number;
  /** Whether the kill survives a restart. */
  readonly durable: boolean;
  /** Calls in flight that were cut, over all processes that answered. */
  readonly aborted: number;
  readonly acks: readonly { readonly process: string; readonly aborted: number }[];
  readonly missing: readonly string[];
}

/** A kill in force. */
export type ActiveKill = KillEntry & { readonly kind: "kill" };

interface Armed {
  readonly entry: ActiveKill;
  readonly scope: CompiledScope;
  /** On the monotonic clock, so that a jump of the wall clock neither ends nor prolongs it. */
  readonly expiresAtMs: number;
  /** The switch's version once it was in force: tasks that started below it are older. */
  readonly version: number;
}

/**
 * A sticky gate. Kills of contexts, tools and models are a short list; kills of single budget
 * accounts, which thresholds pull, are found by account. When there is none, a call pays for one
 * integer comparison.
 */
export class KillSwitch {
  /** Grows with each kill and revive seen here; a call that saw the same number saw the same kills. */
  version = 0;
  /** How many kills are in force. */
  size = 0;
  /** Newest line of the kill log that was applied. */
  logEpoch = 0;
  readonly #armed = new Map<string, Armed>();
  readonly #accounts = new Map<string, Armed>();
  readonly #log: KillLog;
  readonly #clock: Clock;
  readonly #emitter: Emitter;
  readonly #inFlight: Iterable<GuardedCall>;
  #unsubscribe: (() => void) | undefined;

  constructor(log: KillLog, clock: Clock, emitter: Emitter, inFlight: Iterable<GuardedCall>) {
    this.#log = log;
    this.#clock = clock;
    this.#emitter = emitter;
    this.#inFlight = inFlight;
  }

  /** Follows the log and reads it once, in this order, so that no line falls between the two. */
  open(): MaybePromise<void> {
    this.#unsubscribe = this.#log.subscribe((entry) => this.follow(entry));
    return this.pull();
  }

  /** Lets go of the log, which may outlive this guard. */
  close(): void {
    this.#unsubscribe?.();
  }

  /** Reads the log from where we are; called when a reply is ahead. */
  pull(): MaybePromise<void> {
    const entries = this.#log.read(this.logEpoch);
    if (isPromise(entries)) return entries.then((lines) => this.#applyAll(lines));
    this.#applyAll(entries);
  }

  /**
   * Applies a line that arrived by itself, at once. When lines before it are missing they are read,
   * so that a lost message is not lost for good.
   */
  follow(entry: KillEntry): void {
    this.#apply(entry);
    if (entry.epoch <= this.logEpoch + 1) this.logEpoch = Math.max(this.logEpoch, entry.epoch);
    else quietly(() => this.pull()); // one that fails is tried again: replies say that we are behind
  }

  /**
   * Puts a kill into force before the log knows it, so that it works while the store is down.
   * Returns how many calls it cut; a kill that is in force already changes nothing.
   */
  arm(entry: ActiveKill): number {
    if (this.find(entry.id) !== undefined) return 0;
    const left =
      entry.expiresAtMs === undefined ? undefined : entry.expiresAtMs - this.#clock.wallMs();
    if (left !== undefined && left <= 0) return 0;
    const expiresAtMs =
      left === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + left;
    const version = this.version + 1;
    const armed: Armed = { entry, scope: compileScope(entry.target), expiresAtMs, version };
    if (entry.account === undefined) this.#armed.set(entry.id, armed);
    else this.#accounts.set(entry.account, armed);
    this.#changed();
    this.#emitter.emit("kill-issued", entry);
    return entry.level === "abort" ? this.#abortMatching(armed) : 0;
  }

  /** Numbers and shares a line that is in force here already. */
  append(entry: NewKillEntry): MaybePromise<KillEntry> {
    return this.#log.append(entry);
  }

  /** Takes a kill back here at once, and tells the log if it listens. */
  lift(entry: NewKillEntry & { readonly kind: "revive" }): void {
    this.#apply({ ...entry, epoch: this.logEpoch });
    quietly(() => this.append(entry));
  }

  get durable(): boolean {
    return this.#log.durable;
  }

  /** The kill that covers a call, if any. Ask only when `size > 0`. */
  covers(call: GuardedCall): ActiveKill | undefined {
    for (const armed of this.#armed.values()) {
      if (this.#expired(armed) || !armed.scope.matches(call)) continue;
      if (armed.entry.level !== "drain" || call.taskVersion >= armed.version) return armed.entry;
    }
    if (this.#accounts.size === 0) return undefined;
    for (const account of call.accounts()) {
      const armed = this.#accounts.get(account.id);
      if (armed !== undefined && !this.#expired(armed)) return armed.entry;
    }
    return undefined;
  }

  /** The kill that covers a whole task about to start, if any. */
  coversTask(frame: ContextFrame): ActiveKill | undefined {
    for (const armed of this.#armed.values()) {
      if (this.#expired(armed)) continue;
      if (armed.scope.matchesContext(frame)) return armed.entry;
    }
    return undefined;
  }

  /** Whether an account is killed by itself. */
  coversAccount(accountId: string): boolean {
    const armed = this.#accounts.get(accountId);
    return armed !== undefined && !this.#expired(armed);
  }

  /** The kills of a task's own accounts, which nobody can use again once it has ended. */
  killsOfTask(taskId: string): readonly ActiveKill[] {
    if (this.#accounts.size === 0) return [];
    const own = `task=${taskId}\n`;
    return [...this.#accounts].filter(([id]) => id.includes(own)).map(([, armed]) => armed.entry);
  }

  find(id: string): ActiveKill | undefined {
    const armed = this.#armed.get(id);
    if (armed !== undefined) return this.#expired(armed) ? undefined : armed.entry;
    for (const kill of this.#accounts.values()) if (kill.entry.id === id) return kill.entry;
    return undefined;
  }

  list(): ActiveKill[] {
    return [...this.#armed.values(), ...this.#accounts.values()]
      .filter((armed) => !this.#expired(armed))
      .map((armed) => armed.entry);
  }

  #applyAll(entries: readonly KillEntry[]): void {
    for (const entry of entries) {
      this.#apply(entry);
      this.logEpoch = Math.max(this.logEpoch, entry.epoch);
    }
  }

  #apply(entry: KillEntry): void {
    if (entry.kind === "kill") this.arm(entry);
    else if (this.#disarm(entry.id)) this.#emitter.emit("kill-revived", entry);
  }

  #abortMatching(armed: Armed): number {
    let aborted = 0;
    for (const call of this.#inFlight) {
      if (armed.scope.matches(call) && call.abortByKill(armed.entry)) aborted++;
    }
    return aborted;
  }

  #expired(armed: Armed): boolean {
    if (this.#clock.monotonicMs() < armed.expiresAtMs) return false;
    this.#disarm(armed.entry.id);
    return true;
  }

  #disarm(id: string): boolean {
    let removed = this.#armed.delete(id);
    for (const [account, armed] of this.#accounts) {
      if (!removed && armed.entry.id === id) removed = this.#accounts.delete(account);
    }
    if (removed) this.#changed();
    return removed;
  }

  #changed(): void {
    this.version++;
    this.size = this.#armed.size + this.#accounts.size;
  }
}

function quietly(run: () => unknown): void {
  (async () => run())().catch(() => {});
}
