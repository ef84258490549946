import type { GuardedCall } from "../call/guarded-call.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { Clock } from "../ports/clock.ts";
import { inTime, LATE, LOG_MS } from "../ports/in-time.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import { type ArmedKill, ArmedKills } from "./armed-kills.ts";
import type { KillEvents } from "./kill-events.ts";
import type { KillEntry, KillLog, NewKillEntry } from "./kill-log.ts";
import { compileScope } from "./match-scope.ts";
import { RevivedKills } from "./revived-kills.ts";
import { isSameKill, NOT_LOGGED } from "./same-kill.ts";
import { UntoldKills } from "./untold-kills.ts";

/** A limit that somebody changed at run time. */
export type LimitLine = KillEntry & { readonly kind: "limit" };

/** A kill in force. Its `epoch` is 0 while the log has not taken it. */
export type ActiveKill = KillEntry & {
  readonly kind: "kill";
  /** Name of the kill source that holds it: it ends there, and no revive takes it back. */
  readonly source?: string;
};

/** A kill that a guard pulls itself; a number means nothing before the log has given it. */
type NewKill = Omit<ActiveKill, "epoch"> & { readonly epoch?: number };

/**
 * A sticky gate. Kills are found by what they name, those of single budget accounts, which
 * thresholds pull, by account. When there is none, a call pays for one
 * integer comparison. One file, because what is in force here and what the log says must not drift
 * apart: each change of the one is seen beside the other.
 */
export class KillSwitch {
  /**
   * Grows with each kill and revive seen here; a call that saw the same number saw the same kills.
   */
  version = 0;
  /** How many kills are in force. */
  size = 0;
  /** Newest line of the kill log that was applied. */
  logEpoch = 0;
  /** Told of limits that the log brings, whoever changed them. */
  onLimit: (line: LimitLine) => void = () => {};
  /** Told of every kill as soon as it is in force, before the log knows it. */
  onArmed: () => void = () => {};
  /** Told of kills that somebody else pulled, and how many calls they cut here. */
  onKill: (kill: ActiveKill, aborted: number) => void = () => {};
  readonly #kills: ArmedKills;
  readonly #log: KillLog;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #events: KillEvents;
  readonly #inFlight: Iterable<GuardedCall>;
  readonly #untold: UntoldKills;
  readonly #revivedKills = new RevivedKills();
  #hasReadLog = false;
  /** The line for which the log is being read; 0 while it is not. */
  #catchingUpTo = 0;
  #unsubscribe: (() => void) | undefined;

  /**
   * `nowMs` says what time it is for those who share the log: one whose own clock is ahead must not
   * take a kill that was just pulled for one that has expired.
   */
  constructor(
    log: KillLog,
    clock: Clock,
    events: KillEvents,
    inFlight: Iterable<GuardedCall>,
    nowMs: () => number = () => clock.wallMs(),
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#nowMs = nowMs;
    this.#events = events;
    this.#inFlight = inFlight;
    this.#untold = new UntoldKills(clock, {
      isInForce: (id) => this.find(id) !== undefined,
      tell: (kill) => this.#appendAgain(kill),
    });
    this.#kills = new ArmedKills(clock, () => {
      this.version++;
      this.size = this.#kills.size;
    });
  }

  /** Follows the log and reads it once, in this order, so that no line falls between the two. */
  open(): MaybePromise<void> {
    this.#unsubscribe ??= this.#log.subscribe((entry) => this.follow(entry));
    return this.pull();
  }

  /** Lets go of the log, which may outlive this guard. */
  close(): void {
    this.#untold.close();
    this.#unsubscribe?.();
  }

  /** The store knows a line of this number; when we do not, the log is read. Never throws. */
  catchUp(epoch: number): void {
    if (epoch <= Math.max(this.logEpoch, this.#catchingUpTo)) return;
    this.#catchingUpTo = epoch;
    const reading = inTime(this.#clock, LOG_MS, () => this.pull());
    const over = (): void => {
      if (this.#catchingUpTo === epoch) this.#catchingUpTo = 0;
    };
    reading.then(over, over); // one that failed is tried again: replies say that we are behind
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
    else this.catchUp(entry.epoch);
  }

  /**
   * Puts a kill into force before the log knows it, so that it works while the store is down. Say
   * `append` next, which tells listeners. Returns how many calls it cut.
   */
  arm(entry: NewKill): number {
    return this.#enforce({ ...entry, epoch: NOT_LOGGED });
  }

  /**
   * Numbers and shares a line that is in force here already, and tells listeners of a kill. A kill
   * that the log does not take, or not within ten seconds, is told again later.
   */
  append(entry: NewKillEntry): MaybePromise<KillEntry> {
    const failed = (error: unknown): never => {
      this.announce(entry.id);
      if (entry.kind === "kill") this.#untold.add(entry);
      throw error;
    };
    try {
      const appended = this.#appended(entry);
      if (!isPromise(appended)) return appended;
      const answer = inTime(this.#clock, LOG_MS, () => appended);
      return answer.then((line) => (line === LATE ? failed(new Error("late")) : line), failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Tells listeners of a kill that the log does not take, or not in time: its epoch stays 0. */
  announce(id: string): void {
    for (const armed of this.#kills.withId(id)) this.#events.issued(armed);
  }

  /** Takes a kill back that its source does not name any more. */
  disarm(id: string, source: string, atMs: number): void {
    const by = "burnrate";
    const reason = `${source} does not name it any more`;
    const kill = this.#disarm(id, source)?.entry;
    this.#events.revived(kill, { kind: "revive", epoch: NOT_LOGGED, id, reason, by, atMs });
  }

  /** Takes a kill back here at once, and tells the log if it listens. */
  lift(entry: NewKillEntry & { readonly kind: "revive" }): void {
    const kill = this.#disarm(entry.id)?.entry;
    if (kill === undefined) return;
    const tell = (epoch: number): void => this.#events.revived(kill, { ...entry, epoch });
    try {
      const line = this.#log.append(entry);
      if (isPromise(line)) line.then(({ epoch }) => tell(epoch)).catch(() => tell(NOT_LOGGED));
      else tell(line.epoch);
    } catch {
      tell(NOT_LOGGED);
    }
  }

  /** Whether kills survive this process. */
  get durable(): boolean {
    return this.#log.durable;
  }

  /** The kill that covers a call, if any. Ask only when `size > 0`. */
  covers(call: GuardedCall): ActiveKill | undefined {
    const scoped = this.#oldest(
      call.frame,
      (armed) => armed.scope.matches(call) && !mayFinish(armed, call.taskVersion),
    );
    if (scoped !== undefined || !this.#kills.hasAccounts) return scoped;
    for (const account of call.accounts()) {
      const armed = this.#kills.ofAccount(account.id);
      if (armed !== undefined) return armed.entry;
    }
    return undefined;
  }

  /**
   * The kill that covers a whole context, if any. `taskVersion` is the switch's version when the
   * outermost task around it began, infinite outside of tasks.
   */
  coversTask(
    frame: ContextFrame,
    taskVersion: number = Number.POSITIVE_INFINITY,
  ): ActiveKill | undefined {
    return this.#oldest(
      frame,
      (armed) => armed.scope.matchesContext(frame) && !mayFinish(armed, taskVersion),
    );
  }

  /** How many kills let one call through at a time. */
  get throttles(): number {
    return this.#kills.throttles;
  }

  /** The kills under which a call waits for its turn, oldest first. Ask only when `throttles > 0`. */
  throttling(call: GuardedCall): readonly ArmedKill[] {
    const found: ArmedKill[] = [];
    for (const armed of this.#kills.near(call.frame)) {
      if (armed.entry.level !== "throttle" || !armed.scope.matches(call)) continue;
      if (!this.#kills.isExpired(armed)) found.push(armed);
    }
    return found.sort((a, b) => a.version - b.version);
  }

  /** Whether an account is killed by itself. */
  coversAccount(accountId: string): boolean {
    return this.#kills.ofAccount(accountId) !== undefined;
  }

  /** Whether an account was killed by itself before, also if somebody has revived it since. */
  wasKilled(accountId: string): boolean {
    return this.#kills.knowsAccount(accountId);
  }

  /** The kills of a task's own accounts, which nobody can use again once it has ended. */
  killsOfTask(taskId: string): readonly ActiveKill[] {
    return this.#inForce(this.#kills.ofAccountsOfTask(taskId));
  }

  /** Whether somebody stopped a whole budget. */
  coversBudget(budgetId: string): boolean {
    return this.#inForce(this.#kills.ofNoContext()).some(({ target, level }) => {
      if (target === "everything" || level === "throttle") return false;
      return target.budget === budgetId && Object.keys(target).length === 1;
    });
  }

  /** The kill of an id, while it is in force. */
  find(id: string): ActiveKill | undefined {
    return this.#kills.withId(id).find((armed) => !this.#kills.isExpired(armed))?.entry;
  }

  /** The kills in force. */
  list(): ActiveKill[] {
    return this.size === 0 ? [] : this.#inForce(this.#kills.all());
  }

  #inForce(kills: Iterable<ArmedKill>): ActiveKill[] {
    return [...kills].filter((armed) => !this.#kills.isExpired(armed)).map((armed) => armed.entry);
  }

  /** Of several the oldest, whatever they name. */
  #oldest(frame: ContextFrame, covers: (armed: ArmedKill) => boolean): ActiveKill | undefined {
    let oldest: ArmedKill | undefined;
    for (const armed of this.#kills.near(frame)) {
      if (oldest !== undefined && oldest.version < armed.version) continue;
      if (covers(armed) && !this.#kills.isExpired(armed)) oldest = armed;
    }
    return oldest?.entry;
  }

  #appended(entry: NewKillEntry): MaybePromise<KillEntry> {
    const known = (line: KillEntry): KillEntry => {
      if (line.kind === "kill") this.#isKnown(line);
      return line;
    };
    const line = this.#log.append(entry);
    return isPromise(line) ? line.then(known) : known(line);
  }

  /** Only its answer may have got lost: a line that the log has already is not written twice. */
  async #appendAgain(kill: NewKillEntry): Promise<void> {
    await (async () => this.pull())().catch(() => {}); // twice is better than never
    if (this.find(kill.id)?.epoch === NOT_LOGGED) await this.#appended(kill);
  }

  /** Of what the first reading finds, listeners are told what is still in force at its end. */
  #applyAll(entries: readonly KillEntry[]): void {
    const isFirst = !this.#hasReadLog;
    this.#hasReadLog = true;
    const known = this.logEpoch; // another reading may have been faster
    for (const entry of entries) {
      if (entry.epoch <= known) continue;
      this.#apply(entry, isFirst);
      this.logEpoch = Math.max(this.logEpoch, entry.epoch);
    }
    if (!isFirst) return;
    for (const armed of this.#kills.all()) {
      if (armed.entry.epoch !== NOT_LOGGED) this.#events.issued(armed);
    }
  }

  #apply(entry: KillEntry, isFirst = false): void {
    if (entry.kind === "limit") this.onLimit(entry);
    else if (entry.kind === "revive") {
      this.#revivedKills.add(entry);
      const armed = this.#disarm(entry.id);
      if (armed?.announced || !isFirst) this.#events.revived(armed?.entry, entry);
    } else if (!this.#isKnown(entry) && !this.#revivedKills.has(entry)) {
      this.onKill(entry, this.#enforce(entry, isFirst));
    }
  }

  /** Whether a line is of a kill in force here; one that we pulled takes its number from it. */
  #isKnown(line: ActiveKill): boolean {
    const known = this.#kills.withId(line.id).find((armed) => isSameKill(armed.entry, line));
    if (known === undefined) return false;
    if (known.entry.epoch === NOT_LOGGED) known.entry = line;
    this.#events.issued(known);
    return true;
  }

  #enforce(entry: ActiveKill, isQuiet = false): number {
    const left = entry.expiresAtMs === undefined ? undefined : entry.expiresAtMs - this.#nowMs();
    if (left !== undefined && left <= 0) return 0;
    const expiresAtMs =
      left === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + left;
    const version = this.version + 1;
    const scope = compileScope(entry.target);
    const armed: ArmedKill = {
      ...{ entry, announced: false, scope, expiresAtMs, version },
      running: undefined,
    };
    this.#kills.add(armed);
    const aborted = entry.level === "abort" ? this.#abortMatching(armed) : 0;
    this.onArmed();
    if (entry.epoch !== NOT_LOGGED && !isQuiet) this.#events.issued(armed);
    return aborted;
  }

  #abortMatching(armed: ArmedKill): number {
    let aborted = 0;
    for (const call of this.#inFlight) {
      if (armed.scope.matches(call) && call.abortByKill(armed.entry)) aborted++;
    }
    return aborted;
  }

  /** What was in force under an id; a line of the log touches nothing that a source holds. */
  #disarm(id: string, source?: string): ArmedKill | undefined {
    const found = this.#kills.withId(id).filter(({ entry }) => entry.source === source);
    for (const armed of found) this.#kills.remove(armed);
    return found[0];
  }
}

/** Under `drain`, what began before the kill; under `throttle` everything, in its turn. */
function mayFinish({ entry, version }: ArmedKill, taskVersion: number): boolean {
  if (entry.level === "throttle") return true;
  return entry.level === "drain" && taskVersion < version;
}
