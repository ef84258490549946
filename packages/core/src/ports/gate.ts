import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Something that a gate handed out for one call: a slot, a probe. */
export interface GateHold {
  /** Called once, when the call ends in whatever way, or when a later step refused it. */
  release(record: CallRecord | undefined): void;
}

/**
 * Limits and circuit breakers. `look` takes nothing, so that nothing is held while a human thinks
 * in the policy step; `acquire` takes, in one step with the money.
 */
export interface Gate {
  readonly name: string;
  look(call: PendingCall): Refusal | undefined;
  acquire(call: PendingCall): Refusal | GateHold | undefined;
}

/** What a policy decided. Everything but `allow` refuses; a policy that throws refuses, too. */
export interface PolicyDecision {
  readonly outcome: string;
  readonly ruleId?: string;
  readonly reason?: string;
  /** Epoch milliseconds at which an `allow` ends; looked at again right before dispatch. */
  readonly validUntilMs?: number;
}

/** Decides whether a call may be made. May take as long as a human does; honours the call's signal. */
export interface Policy {
  decide(call: PendingCall): MaybePromise<PolicyDecision>;
}
