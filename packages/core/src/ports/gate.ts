import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { GuardEventName, GuardEvents } from "../events/guard-events.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { Clock } from "./clock.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Something that a gate handed out for one call: a slot, a probe. */
export interface GateHold {
  /**
   * Called once, when the call ends in whatever way, or when a later step refused it (without a
   * record). `atMs` is when its record was made, on the guard's monotonic clock.
   */
  release(record: CallRecord | undefined, atMs?: number): void;
}

/**
 * Hears that a task has ended: once for the organisation whose it was, and once for each other that
 * was set inside of it and made calls of the same guard. Must not throw.
 */
export type TaskEndListener = (taskId: string, org: string | undefined) => void;

/** What a guard lends to its gates. */
export interface GateHost {
  readonly clock: Clock;
  /** Tells everyone who listens to the guard. */
  emit<N extends GuardEventName>(name: N, event: GuardEvents[N]): void;
  /** Hears of the guard's events; returns a function that stops it. */
  on<N extends GuardEventName>(name: N, listener: (event: GuardEvents[N]) => void): () => void;
  /** Hears of the end of each task, for good; a host may leave it to the event `task-ended`. */
  onTaskEnd?(listener: TaskEndListener): void;
  /** Says something once: `topic` decides what counts as said already. */
  warn(topic: string, message: string): void;
}

/**
 * Limits and circuit breakers. `look` takes nothing, so that nothing is held while a human thinks
 * in the policy step; `acquire` takes, in one step with the money. `atMs` is when the call was
 * begun or has waited last, on the guard's monotonic clock: it saves each gate a look at it.
 */
export interface Gate {
  readonly name: string;
  /** Called when a guard is made with this gate, before any call; by each guard that shares it. */
  attach?(host: GateHost): void;
  /** What it forgot to make room, for `guard.metrics()`. */
  readonly forgotten?: number;
  /** Whether its refusals may name another model to call (`details.fallback`). */
  readonly hasFallbacks?: boolean;
  look(call: PendingCall, atMs?: number): Refusal | undefined;
  acquire(call: PendingCall, atMs?: number): Refusal | GateHold | undefined;
}

/** What a policy decided. Everything but `allow` refuses; a policy that throws refuses, too. */
export interface PolicyDecision {
  readonly outcome: string;
  readonly ruleId?: string;
  readonly reason?: string;
  /** Epoch milliseconds at which an `allow` ends: a call that is not sent by then is refused. */
  readonly validUntilMs?: number;
}

/**
 * Decides whether a call may be made. May take as long as a human does; honours the call's signal.
 */
export interface Policy {
  decide(call: PendingCall): MaybePromise<PolicyDecision>;
}
