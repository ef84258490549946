import type { CallRecord } from "../call/call-record.ts";
import type { OutcomeClass } from "../call/outcome.ts";
import type { PendingCall } from "../call/pending-call.ts";
import { NO_USAGE } from "../call/usage.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { GateHold } from "../ports/gate.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import type { Breaker, BreakerOptions, CircuitEvent, CircuitEventName } from "./breaker.ts";
import { createBreaker } from "./create-breaker.ts";

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;

/** How a fake call ends. */
export interface FakeEnd {
  readonly latencyMs?: number;
  readonly retryAfterMs?: number;
}

/** A breaker on a fake clock without jitter, with what it told. */
export interface TestBreaker {
  readonly breaker: Breaker;
  readonly clock: FakeClock;
  readonly events: readonly (CircuitEvent & { readonly name: CircuitEventName })[];
  /** Admits a call and ends it; its refusal, or undefined. */
  call(outcome: OutcomeClass, end?: FakeEnd, target?: PendingCall): Refusal | undefined;
  /** Admits a call that runs on. */
  begin(target?: PendingCall): GateHold | Refusal;
  /** Ends what `begin` gave. */
  end(hold: GateHold | Refusal, outcome: OutcomeClass, end?: FakeEnd): void;
}

export function modelCall(name = "gpt-5", provider = "openai", org?: string): PendingCall {
  return {
    id: "c",
    kind: "model",
    provider,
    name,
    model: undefined,
    purpose: "agent",
    context: org === undefined ? {} : { org },
    tasks: [],
    idempotent: false,
    canonicalProvider: undefined,
    input: undefined,
    signal: undefined,
  };
}

export function toolCall(name: string, idempotent = false): PendingCall {
  return { ...modelCall(name), kind: "tool", provider: undefined, idempotent };
}

export function setUpBreaker(options: BreakerOptions = {}): TestBreaker {
  const clock = createFakeClock();
  const breaker = createBreaker({ random: () => 0, ...options });
  const events: (CircuitEvent & { readonly name: CircuitEventName })[] = [];
  breaker.attach?.({
    clock,
    emit: (name, event) =>
      void events.push({ ...(event as CircuitEvent), name: name as CircuitEventName }),
    on: () => () => {},
    warn: () => {},
  });
  const begin = (target: PendingCall = modelCall()): GateHold | Refusal => {
    const refusal = breaker.look(target);
    if (refusal !== undefined) return refusal;
    const taken = breaker.acquire(target);
    if (taken === undefined) throw new Error("the breaker gave neither hold nor refusal");
    return taken;
  };
  const end = (hold: GateHold | Refusal, outcome: OutcomeClass, how: FakeEnd = {}): void => {
    if ("code" in hold) throw new Error(hold.message);
    hold.release(record(outcome, how));
  };
  return {
    breaker,
    clock,
    events,
    begin,
    end,
    call(outcome, how, target) {
      const hold = begin(target);
      if ("code" in hold) return hold;
      end(hold, outcome, how);
      return undefined;
    },
  };
}

function record(outcome: OutcomeClass, { latencyMs = 10, retryAfterMs }: FakeEnd): CallRecord {
  return {
    id: "c",
    kind: "model",
    provider: "openai",
    name: "gpt-5",
    model: undefined,
    requested: undefined,
    purpose: "agent",
    context: {},
    startedAtMs: 0,
    latencyMs,
    timeToFirstTokenMs: undefined,
    outcome,
    refusalCode: undefined,
    retryAfterMs,
    usage: NO_USAGE,
    usageSource: "provider",
    usageAnomaly: undefined,
    costNanoUsd: 0,
    reservedNanoUsd: 0,
    priceVersion: undefined,
    bound: "none",
    evaluations: [],
  };
}
