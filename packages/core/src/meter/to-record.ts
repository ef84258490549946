import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { NO_USAGE } from "../call/usage.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { RefusalCode } from "../pipeline/refusal.ts";
import type { Charge } from "./charge.ts";

/** Why a call ended as it did, as far as anybody says. */
export interface Cause {
  readonly refusalCode: RefusalCode | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Of a call that ended well. */
export const NO_CAUSE: Cause = Object.freeze({ refusalCode: undefined, retryAfterMs: undefined });

/** Of a call that nobody judges. */
export const NO_EVALUATIONS: readonly EvaluationResult[] = Object.freeze([]);

/** What did not happen, for exporters: nothing was sent, nothing was charged. */
export function toRefusedRecord(
  call: GuardedCall,
  guard: GuardRuntime,
  code: RefusalCode,
): CallRecord {
  const charge: Charge = {
    outcome: "refused",
    usage: NO_USAGE,
    source: "provider",
    anomaly: undefined,
    nanoUsd: 0,
    calls: 0,
    billed: false,
  };
  return { ...toRecord(call, guard, charge, NO_EVALUATIONS), latencyMs: 0, refusalCode: code };
}

/** What happened in a call, in numbers and names. Frozen: it goes to many listeners. */
export function toRecord(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
  evaluations: readonly EvaluationResult[],
  cause: Cause = NO_CAUSE,
): CallRecord {
  const endedMs = guard.options.clock.monotonicMs();
  call.endedMs = endedMs;
  const bounded = call.kind === "model" && call.maxOutputTokens !== undefined;
  return Object.freeze({
    id: call.id,
    kind: call.kind,
    provider: call.provider,
    name: call.name,
    model: call.model,
    requested: call.requested,
    purpose: call.purpose,
    context: call.context,
    startedAtMs: call.startedAtMs,
    latencyMs: endedMs - call.sentMonotonicMs,
    timeToFirstTokenMs: call.firstTokenMs,
    outcome: charge.outcome,
    refusalCode: cause.refusalCode,
    retryAfterMs: cause.retryAfterMs,
    usage: Object.freeze(charge.usage),
    usageSource: charge.source,
    usageAnomaly: charge.anomaly,
    costNanoUsd: charge.nanoUsd,
    reservedNanoUsd: call.reservedNanoUsd,
    priceVersion: guard.options.prices?.version,
    bound: bounded ? (call.request.bound ?? "enforced") : "none",
    evaluations,
  });
}
