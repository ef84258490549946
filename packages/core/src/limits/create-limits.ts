import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { systemClock } from "../ports/clock.ts";
import type { Gate, GateHold, GateHost } from "../ports/gate.ts";
import { DelegationDepth } from "./delegation-depth.ts";
import type { KeyTable } from "./key-table.ts";
import type { CheckedLimits, LimitOptions, LimitsOptions } from "./limit.ts";
import { NONE } from "./limit-keys.ts";
import { LimitRule } from "./limit-rule.ts";
import { parseLimits } from "./parse-limits.ts";
import { RepeatedCalls } from "./repeated-calls.ts";
import { RulesByTarget } from "./rules-by-target.ts";
import { TakenPlace } from "./taken-place.ts";

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

/** A place that a call would take. */
interface Wanted {
  rule: LimitRule;
  table: KeyTable | undefined;
  key: string;
  slot: number;
}

class LimitsGate implements Limits {
  readonly name = "limits";
  readonly #rules: readonly LimitRule[];
  readonly #rulesByTarget: RulesByTarget;
  readonly #depth: DelegationDepth;
  readonly #repeated: RepeatedCalls;
  readonly #hosts: GateHost[] = [];
  #nowMs: () => number = () => systemClock.monotonicMs();

  /** What the call that was looked at last would take, so that `acquire` need not look again. */
  readonly #wanted: Wanted[] = [];
  #wantedCount = 0;
  #wantedBy: string | undefined;
  #lookedMs = 0;

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
    const { clock } = host;
    if (this.#hosts.length === 0) this.#nowMs = () => clock.monotonicMs();
    this.#hosts.push(host);
    host.on("task-ended", ({ id, context }) => this.#dropTask(context.org ?? NONE, id));
  }

  look(call: PendingCall): Refusal | undefined {
    if (call.purpose === "agent") {
      const refusal =
        this.#depth.check(call) ??
        this.#repeated.check(call) ??
        this.#repeated.ask(call, this.#nowMs);
      if (refusal !== undefined) return refusal;
    }
    return this.#lookAtRules(call);
  }

  /** Everything that the call's limits count, or nothing. */
  acquire(call: PendingCall): Refusal | GateHold | undefined {
    const refusal = this.#wantedBy === call.id ? undefined : this.#lookAgain(call);
    if (refusal !== undefined) return refusal;
    this.#wantedBy = undefined;
    const nowMs = this.#lookedMs;
    let taken: TakenPlace | undefined;
    for (let index = 0; index < this.#wantedCount; index++) {
      const { rule, key, table: known, slot: hint } = this.#wanted[index] as Wanted;
      const table = known ?? rule.open(call.context.org ?? NONE, nowMs);
      const slot = table?.open(key, nowMs, hint) ?? -1;
      if (table === undefined || slot < 0) {
        taken?.release(undefined);
        return rule.full();
      }
      taken = new TakenPlace(table, slot, key, this.#nowMs, nowMs, taken);
    }
    return taken;
  }

  /** Other calls came between, or the call waited: its task may have run into a loop by now. */
  #lookAgain(call: PendingCall): Refusal | undefined {
    const latched = call.purpose === "agent" ? this.#repeated.check(call) : undefined;
    return latched ?? this.#lookAtRules(call);
  }

  #lookAtRules(call: PendingCall): Refusal | undefined {
    this.#wantedBy = undefined;
    this.#wantedCount = 0;
    const rules = this.#rulesByTarget.of(call);
    if (rules.length > 0) {
      this.#lookedMs = this.#nowMs();
      const org = call.context.org ?? NONE;
      for (const rule of rules) {
        const refusal = rule.coversCaller(call) ? this.#lookAtKeys(rule, call, org) : undefined;
        if (refusal !== undefined) return refusal;
      }
    }
    this.#wantedBy = call.id;
    return undefined;
  }

  #lookAtKeys(rule: LimitRule, call: PendingCall, org: string): Refusal | undefined {
    const keys = rule.keysOf(call);
    const table = rule.find(org);
    if (typeof keys === "string") return this.#lookAtKey(rule, table, keys);
    for (const key of keys) {
      const refusal = this.#lookAtKey(rule, table, key);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #lookAtKey(rule: LimitRule, table: KeyTable | undefined, key: string): Refusal | undefined {
    const slot = table === undefined ? -1 : table.find(key);
    if (table !== undefined && slot >= 0) {
      const waitMs = table.waitMs(slot, this.#lookedMs);
      if (waitMs > 0) return rule.refusal(key, waitMs);
    }
    this.#want(rule, table, key, slot);
    return undefined;
  }

  /** Places are reused: a call costs no garbage before it takes anything. */
  #want(rule: LimitRule, table: KeyTable | undefined, key: string, slot: number): void {
    const wanted = this.#wanted[this.#wantedCount++];
    if (wanted === undefined) {
      this.#wanted.push({ rule, table, key, slot });
      return;
    }
    wanted.rule = rule;
    wanted.table = table;
    wanted.key = key;
    wanted.slot = slot;
  }

  #dropTask(org: string, id: string): void {
    this.#wantedBy = undefined;
    this.#repeated.dropTask(org, id);
    for (const rule of this.#rules) rule.dropTask(org, id);
  }
}
