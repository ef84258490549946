import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { Gate, GateHold, GateHost } from "../ports/gate.ts";
import { CallPlaces } from "./call-places.ts";
import { DelegationDepth } from "./delegation-depth.ts";
import { LastCaller } from "./last-caller.ts";
import type { CheckedLimits, LimitOptions, LimitsOptions } from "./limit.ts";
import { NONE } from "./limit-keys.ts";
import { LimitRule } from "./limit-rule.ts";
import { parseLimits } from "./parse-limits.ts";
import { findPlaces, type Place } from "./place.ts";
import { RepeatedCalls } from "./repeated-calls.ts";
import { RulesByTarget } from "./rules-by-target.ts";

/** The gate of limits. */
export interface Limits extends Gate {
  attach(host: GateHost): void;
  /** Sessions and tasks in use that were forgotten to make room, and begin anew when they go on. */
  readonly forgotten: number;
}

/**
 * Makes the gate that keeps calls within rates, numbers at once, numbers for each session and task,
 * delegation depth, and out of loops: for `createGuard({ limits })`, which makes one from the same
 * options by itself, or to be used alone.
 *
 * Used alone, `look` once a call and then `acquire`; ids of calls must differ. Several guards may
 * share one: its time is that of the first, and all of them hear of its events.
 *
 * @example
 * const limits = createLimits(["60/minute per user", "4 at once per agent", "20 steps per task"]);
 * const guard = createGuard({ limits });
 * @throws {ConfigError} `BR9001` naming the option and the nearest spelling.
 */
export function createLimits(
  options: LimitsOptions | readonly (string | LimitOptions)[] = {},
): Limits {
  return new LimitsGate(parseLimits("limits", options));
}

class LimitsGate implements Limits {
  readonly name = "limits";
  readonly #rules: readonly LimitRule[];
  readonly #rulesByTarget: RulesByTarget;
  readonly #depth: DelegationDepth;
  readonly #repeated: RepeatedCalls;
  readonly #hosts: GateHost[] = [];
  readonly #lastCaller = new LastCaller();
  #clock: Clock = systemClock;
  /** Whether the guards that share it have other clocks than the first. */
  #hasOtherClocks = false;

  /** What the call that was looked at last would take, so that `acquire` need not look again. */
  #wanted: CallPlaces | undefined;

  constructor({ rules, maxDelegationDepth, alertAt, refuseAt }: CheckedLimits) {
    const warn: GateHost["warn"] = (topic, message) => {
      for (const host of this.#hosts) host.warn(topic, message);
    };
    this.#rules = rules.map((limit) => new LimitRule(limit, warn));
    this.#rulesByTarget = new RulesByTarget(this.#rules);
    this.#depth = new DelegationDepth(maxDelegationDepth);
    this.#repeated = new RepeatedCalls({ alertAt, refuseAt }, (event) => {
      for (const host of this.#hosts) host.emit("loop-detected", event);
    });
  }

  get forgotten(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.forgotten, 0);
  }

  attach(host: GateHost): void {
    if (this.#hosts.length === 0) this.#clock = host.clock;
    else if (host.clock !== this.#clock) this.#hasOtherClocks = true;
    this.#hosts.push(host);
    if (host.onTaskEnd !== undefined) host.onTaskEnd((id, org) => this.#endTask(org, id));
    else host.on("task-ended", ({ id, context }) => this.#dropTask(context.org, id));
  }

  look(call: PendingCall, atMs?: number): Refusal | undefined {
    const nowMs = this.#timeOf(atMs);
    if (call.purpose === "agent") {
      const refusal =
        this.#depth.check(call) ?? this.#repeated.check(call) ?? this.#repeated.ask(call, nowMs);
      if (refusal !== undefined) return refusal;
    }
    return this.#lookAtRules(call, nowMs);
  }

  /** Everything that the call's limits count, or nothing. */
  acquire(call: PendingCall, atMs?: number): Refusal | GateHold | undefined {
    const refusal = this.#isLookedAt(call, atMs) ? undefined : this.#lookAgain(call, atMs);
    if (refusal !== undefined) return refusal;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted?.take() ?? wanted;
  }

  #isLookedAt({ id }: PendingCall, atMs: number | undefined): boolean {
    const wanted = this.#wanted;
    if (wanted?.callId !== id) return false;
    return atMs === undefined || this.#hasOtherClocks || atMs === wanted.lookedMs;
  }

  /** Other calls came between, or the call waited: its task may have run into a loop by now. */
  #lookAgain(call: PendingCall, atMs: number | undefined): Refusal | undefined {
    const latched = call.purpose === "agent" ? this.#repeated.check(call) : undefined;
    return latched ?? this.#lookAtRules(call, this.#timeOf(atMs));
  }

  #lookAtRules(call: PendingCall, nowMs: number): Refusal | undefined {
    this.#wanted = undefined;
    const rules = this.#rulesByTarget.of(call);
    if (rules.length === 0) return undefined;
    const places = this.#lastCaller.placesFor(call, rules) ?? this.#find(call, rules);
    for (const { table, slot, rule, key } of places) {
      const waitMs = slot < 0 ? 0 : (table?.waitMs(slot, nowMs) ?? 0);
      if (waitMs > 0) return rule.refusal(key, waitMs);
    }
    this.#wanted = new CallPlaces(call, nowMs, this.#clock, places);
    return undefined;
  }

  #find(call: PendingCall, rules: readonly LimitRule[]): readonly Place[] {
    const places = findPlaces(rules, call, call.context.org ?? NONE);
    this.#lastCaller.remember(call, rules, places);
    return places;
  }

  /** The guard's look at the clock, unless guards with several share this gate. */
  #timeOf(atMs: number | undefined): number {
    return atMs === undefined || this.#hasOtherClocks ? this.#clock.monotonicMs() : atMs;
  }

  /** A guard knows for whom it was called inside of its task, but not what others were there. */
  #endTask(org: string | undefined, id: string): void {
    this.#dropTask(this.#hosts.length > 1 ? org : (org ?? NONE), id);
  }

  #dropTask(org: string | undefined, id: string): void {
    this.#wanted = undefined;
    this.#repeated.dropTask(org, id);
    for (const rule of this.#rules) rule.dropTask(org, id);
  }
}
