import type { CallRecord } from "../call/call-record.ts";
import type { GateHold } from "../ports/gate.ts";
import type { CircuitEventName, CircuitState, CircuitStatus } from "./breaker.ts";
import type { BreakerHost } from "./breaker-host.ts";
import type { Counted } from "./call-windows.ts";
import type { BreakerRules } from "./check-breaker-options.ts";
import type { CircuitTable } from "./circuit-table.ts";
import { durationText, failureText, slowText } from "./circuit-text.ts";
import type { Force, Forces } from "./forces.ts";
import { openTimeMs } from "./open-time.ts";
import { Slots } from "./slots.ts";
import type { Trouble } from "./trouble.ts";
import { pauseOf, verdictOf } from "./verdict.ts";

/** After so many doublings of what may run at a time there is no bound any more. */
const RAMP_STEPS = 4;

/** What the circuits of a breaker share. */
export interface CircuitWorld {
  readonly rules: BreakerRules;
  readonly host: BreakerHost;
  readonly forces: Forces;
}

/** What a circuit that has left has counted. */
const NOTHING: Counted = Object.freeze({ calls: 0, failures: 0, slow: 0 });

/** What stands in a call's way, and for how long; undefined where nobody can say. */
export interface Barrier {
  readonly state: Exclude<CircuitState, "closed" | "forced-closed">;
  readonly retryAfterMs: number | undefined;
  /** Who forced it open. */
  readonly by?: string;
}

/**
 * The circuit of one model or tool. Time is the monotonic clock's, in whole milliseconds, and
 * nothing waits for a timer: what time changes is seen by the next call. What it knows is in its
 * row of a table, so that any number of these may stand for one circuit. One file, because it is
 * one state machine, whose transitions are read beside each other.
 */
export class Circuit implements GateHold {
  readonly key: string;
  readonly #row: number;
  readonly #table: CircuitTable;
  readonly #world: CircuitWorld;

  constructor(key: string, row: number, table: CircuitTable, world: CircuitWorld) {
    this.key = key;
    this.#row = row;
    this.#table = table;
    this.#world = world;
  }

  /** Closed, and nothing else to look at. */
  get isPlain(): boolean {
    return this.#table.isPlain(this.#row);
  }

  /** Notes its use: it makes room for others later. */
  touch(): void {
    this.#table.touch(this.#row);
  }

  /** What stands in a call's way right now. Takes and changes nothing but what time has changed. */
  barrier(isIdempotent: boolean): Barrier | undefined {
    if (this.isPlain) return undefined;
    const mayBeProbed = isIdempotent || this.#table.isProbed(this.#row);
    const nowMs = this.#world.host.nowMs();
    this.#pass(nowMs);
    const { state, slots, force, pausedUntilMs } = this.#trouble;
    if (force !== undefined) {
      return force.open ? forcedOpen(force, nowMs) : undefined;
    }
    if (nowMs < pausedUntilMs) {
      return { state: "paused", retryAfterMs: pausedUntilMs - nowMs };
    }
    if (state === "open" || (state === "half-open" && !mayBeProbed)) {
      const left = this.#closedUntilMs(mayBeProbed) - nowMs;
      return left > 0 ? { state, retryAfterMs: left } : undefined;
    }
    if (slots === undefined || slots.hasRoom(nowMs)) return undefined;
    return { state: state === "closed" ? "ramping" : state, retryAfterMs: undefined };
  }

  /** Takes a slot where there is a bound; all other calls share one hold. Ask `barrier` before. */
  take(isIdempotent: boolean): GateHold {
    if (this.isPlain) return this;
    const trouble = this.#trouble;
    const mayBeProbed = isIdempotent || this.#table.isProbed(this.#row);
    if (!mayBeProbed && trouble.state !== "closed") this.#closeUnprobed();
    else if (trouble.state === "open") this.#halfOpen();
    const { slots } = trouble;
    if (slots === undefined) return this;
    return slots.take(this.#world.host.nowMs(), (record, atMs) => this.#end(record, slots, atMs));
  }

  /** Counts the end of a call that took no slot. */
  release(record: CallRecord | undefined, atMs?: number): void {
    if (record !== undefined) this.#end(record, undefined, atMs);
  }

  /** Calls, failures and slow calls of the window. */
  get counted(): Counted {
    return this.#isThere ? this.#table.counted(this.#row) : NOTHING;
  }

  /** Whether it did not make room for another: calls that still run are counted no more. */
  get #isThere(): boolean {
    return this.#table.has(this.#row, this.key);
  }

  /** Undefined where there never was any. */
  get #made(): Trouble | undefined {
    return this.#table.troubleOf(this.#row);
  }

  get #trouble(): Trouble {
    return this.#table.troubleFor(this.#row);
  }

  #clear(): void {
    this.#table.clear(this.#row);
  }

  /** A person's word counts until its time is over, whatever the calls say. */
  force(force: Force): void {
    if (force.open) {
      this.#trouble.state = "open";
      this.#trouble.slots = undefined;
    } else {
      this.#trouble.close();
      this.#clear();
    }
    this.#trouble.pausedUntilMs = 0;
    this.#trouble.force = force;
    this.#changed(force.why);
  }

  /** Back to the beginning, or to what is forced still. */
  reset(): void {
    this.#trouble.force = undefined;
    this.#trouble.pausedUntilMs = 0;
    this.#trouble.close();
    this.#clear();
    const force = this.#world.forces.of(this.key, this.#world.host.nowMs());
    if (force === undefined) this.#changed(undefined);
    else this.force(force);
  }

  status(): CircuitStatus {
    const nowMs = this.#world.host.nowMs();
    this.#pass(nowMs);
    this.#table.advance(this.#row, nowMs);
    const { calls, failures, slow } = this.counted;
    const barrier = this.barrier(false);
    const left = barrier?.retryAfterMs;
    const trouble = this.#made;
    return {
      key: this.key,
      state: trouble?.shownAt(nowMs) ?? "closed",
      sinceMs: trouble?.sinceMs,
      calls,
      failures,
      slow,
      retryAtMs: left === undefined ? undefined : this.#world.host.wallMs() + left,
      why: trouble?.why,
    };
  }

  /** Why it does not let calls pass. */
  get why(): string | undefined {
    return this.#made?.why;
  }

  /**
   * What ends by itself. What was forced before, of more circuits, may not be over: it counts again
   * then. Else a forced-open circuit is due to be probed.
   */
  #pass(nowMs: number): void {
    const trouble = this.#made;
    if (trouble === undefined) return;
    const { force, pausedUntilMs } = trouble;
    if (force !== undefined && nowMs >= force.untilMs) {
      const wider = this.#world.forces.of(this.key, nowMs);
      if (wider !== undefined) {
        this.force(wider);
        return;
      }
      trouble.force = undefined;
      trouble.openUntilMs = nowMs;
      this.#changed("the time that it was forced is over");
    }
    if (pausedUntilMs === 0 || nowMs < pausedUntilMs) return;
    trouble.pausedUntilMs = 0;
    this.#changed("the time that it asked for is over");
  }

  /** One that is not probed closes when what opened it has left the window. */
  #closedUntilMs(mayBeProbed: boolean): number {
    return mayBeProbed
      ? this.#trouble.openUntilMs
      : this.#table.lastBadMs(this.#row) + this.#world.rules.windowMs;
  }

  #end(record: CallRecord, slots: Slots | undefined, atMs: number | undefined): void {
    if (!this.#isThere) return;
    const rules = this.#world.rules;
    const pauseMs = record.outcome === "success" ? undefined : pauseOf(record, rules);
    if (pauseMs !== undefined) {
      this.#pause(pauseMs);
      return;
    }
    const verdict = verdictOf(record, rules.countToolErrors);
    if (verdict === "nothing") return;
    const isFailed = verdict === "failed";
    const isSlow = record.latencyMs > rules.slowCallMs;
    const nowMs = this.#world.host.nowMs(atMs);
    if (isFailed || isSlow) this.#table.noteBad(this.#row, nowMs);
    const trouble = this.isPlain ? undefined : this.#made;
    if (trouble === undefined || trouble.state === "closed") this.#count(nowMs, isFailed, isSlow);
    else if (slots === undefined || slots !== trouble.slots) return;
    else if (isFailed) this.#reopen(nowMs, record.outcome);
    else if (isSlow) this.#reopen(nowMs, "it took too long");
    else if (slots.isRoundDone()) this.#closeProbed();
  }

  #count(nowMs: number, isFailed: boolean, isSlow: boolean): void {
    this.#table.count(this.#row, nowMs, isFailed, isSlow);
    if (isFailed || isSlow) this.#weigh(nowMs);
    else if (!this.isPlain) this.#ramp(nowMs);
  }

  /** Whether the window is evidence enough to open. */
  #weigh(nowMs: number): void {
    const rules = this.#world.rules;
    const { calls, failures, slow } = this.counted;
    const trouble = this.#made;
    if (calls < rules.minCalls || trouble?.force !== undefined) return;
    const isFailing = failures >= (rules.failureEvidence[calls] as number);
    if (!isFailing && slow < (rules.slowEvidence[calls] as number)) return;
    if (trouble?.slots !== undefined) trouble.timesReopened++;
    const why = isFailing ? failureText(failures, calls, rules) : slowText(slow, calls, rules);
    this.#open(nowMs, why);
  }

  #reopen(nowMs: number, what: string): void {
    this.#trouble.timesReopened++;
    this.#open(nowMs, `a probe failed: ${what}`);
  }

  #closeProbed(): void {
    const { probes } = this.#world.rules;
    this.#trouble.state = "closed";
    this.#clear();
    this.#tell("circuit-closed", probes === 1 ? "a probe succeeded" : `${probes} probes succeeded`);
  }

  /** No bound any more after the last round, or when nothing has failed for a whole window. */
  #ramp(nowMs: number): void {
    const { slots } = this.#trouble;
    if (slots === undefined) return;
    const isDone = slots.isRoundDone() && slots.width > this.#world.rules.probes * 2 ** RAMP_STEPS;
    if (!isDone && nowMs - this.#table.lastBadMs(this.#row) < this.#world.rules.windowMs) return;
    this.#trouble.close();
    this.#changed("it has recovered");
  }

  #open(nowMs: number, why: string): void {
    const trouble = this.#trouble;
    trouble.state = "open";
    trouble.openUntilMs = nowMs + openTimeMs(this.#world.rules, trouble.timesReopened);
    trouble.slots = undefined;
    this.#tell("circuit-opened", why, trouble.openUntilMs);
  }

  #halfOpen(): void {
    const { probes, openMs } = this.#world.rules;
    this.#trouble.state = "half-open";
    this.#trouble.slots = new Slots(probes, openMs, this.#world.host.nowMs());
    this.#tell("circuit-half-opened", `it is probed with ${probes} at a time`);
  }

  #closeUnprobed(): void {
    this.#trouble.close();
    this.#clear();
    const { windowMs } = this.#world.rules;
    const since = `nothing failed for ${durationText(windowMs)}`;
    this.#tell("circuit-closed", `${since}; without probes, because it is not marked idempotent`);
  }

  #pause(pauseMs: number): void {
    const nowMs = this.#world.host.nowMs();
    const untilMs = nowMs + pauseMs;
    const { force, pausedUntilMs } = this.#trouble;
    if (force !== undefined || untilMs <= pausedUntilMs) return;
    const isNew = pausedUntilMs <= nowMs; // nobody may have called since the last one was over
    this.#trouble.pausedUntilMs = untilMs;
    this.#settle();
    if (!isNew) return;
    this.#tell("circuit-paused", `it asked to come back in ${durationText(pauseMs)}`, untilMs);
  }

  #tell(name: CircuitEventName, why: string, untilMs?: number): void {
    const { calls, failures, slow } = this.counted;
    this.#changed(why);
    const retryAtMs =
      untilMs === undefined
        ? undefined
        : this.#world.host.wallMs() + untilMs - this.#world.host.nowMs();
    this.#world.host.emit(name, {
      key: this.key,
      why,
      failures,
      slow,
      calls,
      retryAtMs,
      by: undefined,
    });
  }

  #changed(why: string | undefined): void {
    this.#trouble.why = why;
    this.#trouble.sinceMs = this.#world.host.wallMs();
    this.#settle();
  }

  #settle(): void {
    this.#table.noteTrouble(this.#row);
  }
}

/** What stands in the way of calls that somebody wants refused. */
export function forcedOpen({ untilMs, by }: Force, nowMs: number): Barrier {
  return { state: "forced-open", retryAfterMs: untilMs - nowMs, by };
}
