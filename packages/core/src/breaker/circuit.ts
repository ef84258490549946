import type { Evictable } from "../bounded/second-chance-map.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { GateHold } from "../ports/gate.ts";
import type { CircuitEventName, CircuitState, CircuitStatus } from "./breaker.ts";
import type { BreakerHost } from "./breaker-host.ts";
import { CallWindow } from "./call-window.ts";
import type { BreakerRules } from "./check-breaker-options.ts";
import { durationText, failureText, slowText } from "./circuit-text.ts";
import type { Force } from "./forces.ts";
import { openTimeMs } from "./open-time.ts";
import { Slots } from "./slots.ts";
import { pauseOf, verdictOf } from "./verdict.ts";

/** After so many doublings of what may run at a time there is no bound any more. */
const RAMP_STEPS = 4;
/** What stands in a call's way, and for how long; undefined where nobody can say. */
export interface Barrier {
  readonly state: Exclude<CircuitState, "closed" | "forced-closed">;
  readonly retryAfterMs: number | undefined;
}

/**
 * The circuit of one model or tool. Time is the monotonic clock's, in whole milliseconds, and
 * nothing waits for a timer: what time changes is seen by the next call.
 */
export class Circuit implements Evictable, GateHold {
  touched = true;
  readonly key: string;
  /** Whose call made it. */
  readonly org: string | undefined;
  /** Whether any of its calls may be a probe; otherwise only one that says so itself. */
  readonly #isProbed: boolean;
  /** Closed, and nothing else to look at. */
  isPlain = true;
  readonly window: CallWindow;
  readonly #rules: BreakerRules;
  readonly #host: BreakerHost;
  #state: "closed" | "open" | "half-open" = "closed";
  /** While it is probed, and for a while after; undefined when any number may run. */
  #slots: Slots | undefined;
  #timesReopened = 0;
  #openUntilMs = 0;
  #pausedUntilMs = 0;
  #lastBadMs: number;
  #force: Force | undefined;
  #sinceMs: number | undefined;
  #why: string | undefined;

  constructor(
    key: string,
    org: string | undefined,
    isProbed: boolean,
    rules: BreakerRules,
    host: BreakerHost,
  ) {
    this.key = key;
    this.org = org;
    this.#isProbed = isProbed;
    this.#rules = rules;
    this.#host = host;
    const nowMs = host.nowMs();
    this.window = new CallWindow(rules.windowMs, nowMs);
    this.#lastBadMs = nowMs - rules.windowMs;
  }

  /** What stands in a call's way right now. Takes and changes nothing but what time has changed. */
  barrier(isIdempotent: boolean): Barrier | undefined {
    if (this.isPlain) return undefined;
    const mayBeProbed = isIdempotent || this.#isProbed;
    const nowMs = this.#host.nowMs();
    this.#pass(nowMs);
    if (this.#force !== undefined) {
      const { open, untilMs } = this.#force;
      return open ? { state: "forced-open", retryAfterMs: untilMs - nowMs } : undefined;
    }
    if (nowMs < this.#pausedUntilMs) {
      return { state: "paused", retryAfterMs: this.#pausedUntilMs - nowMs };
    }
    if (this.#state === "open") {
      const left = this.#closedUntilMs(mayBeProbed) - nowMs;
      return left > 0 ? { state: "open", retryAfterMs: left } : undefined;
    }
    const isProbed = this.#state === "half-open";
    const hasRoom = this.#slots === undefined || this.#slots.hasRoom(nowMs);
    if (hasRoom && (mayBeProbed || !isProbed)) return undefined;
    return { state: isProbed ? "half-open" : "ramping", retryAfterMs: undefined };
  }

  /** Takes a slot where there is a bound; all other calls share one hold. Ask `barrier` before. */
  take(isIdempotent: boolean): GateHold {
    if (this.isPlain) return this;
    if (this.#state === "open") {
      if (isIdempotent || this.#isProbed) this.#halfOpen();
      else this.#closeUnprobed();
    }
    const slots = this.#slots;
    if (slots === undefined) return this;
    return slots.take(this.#host.nowMs(), (record) => this.#end(record, slots));
  }

  /** Counts the end of a call that took no slot. */
  release(record: CallRecord | undefined): void {
    if (record !== undefined) this.#end(record);
  }

  /** A person's word counts until its time is over, whatever the calls say. */
  force(force: Force): void {
    if (force.open) {
      this.#state = "open";
      this.#slots = undefined;
    } else {
      this.#close();
      this.window.clear();
    }
    this.#pausedUntilMs = 0;
    this.#force = force;
    this.#changed(force.why);
  }

  /** Back to the beginning. */
  reset(): void {
    this.#force = undefined;
    this.#pausedUntilMs = 0;
    this.#close();
    this.window.clear();
    this.#changed(undefined);
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    if (!this.isPlain) return false;
    this.window.advance(this.#host.nowMs());
    return this.window.failures === 0 && this.window.slow === 0;
  }

  status(): CircuitStatus {
    const nowMs = this.#host.nowMs();
    this.#pass(nowMs);
    this.window.advance(nowMs);
    const { calls, failures, slow } = this.window;
    const barrier = this.barrier(false);
    const left = barrier?.retryAfterMs;
    return {
      key: this.key,
      state: this.#shown(nowMs),
      sinceMs: this.#sinceMs,
      calls,
      failures,
      slow,
      retryAtMs: left === undefined ? undefined : this.#host.wallMs() + left,
      why: this.#why,
    };
  }

  /** Why it does not let calls pass. */
  get why(): string | undefined {
    return this.#why;
  }

  #shown(nowMs: number): CircuitState {
    if (this.#force !== undefined) return this.#force.open ? "forced-open" : "forced-closed";
    if (nowMs < this.#pausedUntilMs) return "paused";
    return this.#state === "closed" && this.#slots !== undefined ? "ramping" : this.#state;
  }

  /** What ends by itself. A forced-open circuit is due to be probed then. */
  #pass(nowMs: number): void {
    const force = this.#force;
    if (force !== undefined && nowMs >= force.untilMs) {
      this.#force = undefined;
      this.#openUntilMs = nowMs;
      this.#changed("the time that it was forced is over");
    }
    if (this.#pausedUntilMs === 0 || nowMs < this.#pausedUntilMs) return;
    this.#pausedUntilMs = 0;
    this.#changed("the time that it asked for is over");
  }

  /** One that is not probed closes when what opened it has left the window. */
  #closedUntilMs(mayBeProbed: boolean): number {
    return mayBeProbed ? this.#openUntilMs : this.#lastBadMs + this.#rules.windowMs;
  }

  #end(record: CallRecord, slots?: Slots): void {
    const rules = this.#rules;
    const pauseMs = record.outcome === "success" ? undefined : pauseOf(record, rules);
    if (pauseMs !== undefined) {
      this.#pause(pauseMs);
      return;
    }
    const verdict = verdictOf(record, rules.countToolErrors);
    if (verdict === "nothing") return;
    const isFailed = verdict === "failed";
    const isSlow = record.latencyMs > rules.slowCallMs;
    const nowMs = this.#host.nowMs();
    if (isFailed || isSlow) this.#lastBadMs = nowMs;
    if (this.#state === "closed") this.#count(nowMs, isFailed, isSlow);
    else if (slots === undefined || slots !== this.#slots) return;
    else if (isFailed) this.#reopen(nowMs, record.outcome);
    else if (isSlow) this.#reopen(nowMs, "it took too long");
    else if (slots.isRoundDone()) this.#closeProbed();
  }

  #count(nowMs: number, isFailed: boolean, isSlow: boolean): void {
    this.window.add(nowMs, isFailed, isSlow);
    if (isFailed || isSlow) this.#weigh(nowMs);
    else if (this.#slots !== undefined) this.#ramp(this.#slots, nowMs);
  }

  /** Whether the window is evidence enough to open. */
  #weigh(nowMs: number): void {
    const rules = this.#rules;
    const { calls, failures, slow } = this.window;
    if (calls < rules.minCalls || this.#force !== undefined) return;
    const isFailing = failures >= (rules.failureEvidence[calls] as number);
    if (!isFailing && slow < (rules.slowEvidence[calls] as number)) return;
    if (this.#slots !== undefined) this.#timesReopened++;
    const why = isFailing ? failureText(failures, calls, rules) : slowText(slow, calls, rules);
    this.#open(nowMs, why);
  }

  #reopen(nowMs: number, what: string): void {
    this.#timesReopened++;
    this.#open(nowMs, `a probe failed: ${what}`);
  }

  #closeProbed(): void {
    const { probes } = this.#rules;
    this.#state = "closed";
    this.window.clear();
    this.#tell("circuit-closed", probes === 1 ? "a probe succeeded" : `${probes} probes succeeded`);
  }

  /** No bound any more after the last round, or when nothing has failed for a whole window. */
  #ramp(slots: Slots, nowMs: number): void {
    const isDone = slots.isRoundDone() && slots.width > this.#rules.probes * 2 ** RAMP_STEPS;
    if (!isDone && nowMs - this.#lastBadMs < this.#rules.windowMs) return;
    this.#close();
    this.#changed("it has recovered");
  }

  #open(nowMs: number, why: string): void {
    this.#state = "open";
    this.#openUntilMs = nowMs + openTimeMs(this.#rules, this.#timesReopened);
    this.#slots = undefined;
    this.#tell("circuit-opened", why, this.#openUntilMs);
  }

  #halfOpen(): void {
    const { probes, openMs } = this.#rules;
    this.#state = "half-open";
    this.#slots = new Slots(probes, openMs, this.#host.nowMs());
    this.#tell("circuit-half-opened", `it is probed with ${probes} at a time`);
  }

  #closeUnprobed(): void {
    this.#close();
    this.window.clear();
    const { windowMs } = this.#rules;
    const since = `nothing failed for ${durationText(windowMs)}`;
    this.#tell("circuit-closed", `${since}; without probes, because it is not marked idempotent`);
  }

  #pause(pauseMs: number): void {
    const nowMs = this.#host.nowMs();
    const untilMs = nowMs + pauseMs;
    if (this.#force !== undefined || untilMs <= this.#pausedUntilMs) return;
    const isNew = this.#pausedUntilMs === 0;
    this.#pausedUntilMs = untilMs;
    this.#settle();
    if (!isNew) return;
    this.#tell("circuit-paused", `it asked to come back in ${durationText(pauseMs)}`, untilMs);
  }

  #close(): void {
    this.#state = "closed";
    this.#slots = undefined;
    this.#timesReopened = 0;
  }

  #tell(name: CircuitEventName, why: string, untilMs?: number): void {
    const { calls, failures, slow } = this.window;
    this.#changed(why);
    const retryAtMs =
      untilMs === undefined ? undefined : this.#host.wallMs() + untilMs - this.#host.nowMs();
    this.#host.emit(name, { key: this.key, why, failures, slow, calls, retryAtMs, by: undefined });
  }

  #changed(why: string | undefined): void {
    this.#why = why;
    this.#sinceMs = this.#host.wallMs();
    this.#settle();
  }

  #settle(): void {
    this.isPlain =
      this.#state === "closed" &&
      this.#slots === undefined &&
      this.#force === undefined &&
      this.#pausedUntilMs === 0;
  }
}
