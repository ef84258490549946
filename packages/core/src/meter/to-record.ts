import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Charge } from "./charge.ts";

/** What happened in a call, in numbers and names. */
export function toRecord(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
  evaluations: readonly EvaluationResult[],
): CallRecord {
  const bounded = call.kind === "model" && call.maxOutputTokens !== undefined;
  return {
    id: call.id,
    kind: call.kind,
    provider: call.provider,
    name: call.name,
    model: call.model,
    purpose: call.purpose,
    context: call.context,
    startedAtMs: call.startedAtMs,
    latencyMs: guard.options.clock.monotonicMs() - call.startedMonotonicMs,
    timeToFirstTokenMs: call.firstTokenMs,
    outcome: charge.outcome,
    usage: charge.usage,
    usageSource: charge.source,
    usageAnomaly: charge.anomaly,
    costNanoUsd: charge.nanoUsd,
    reservedNanoUsd: call.reservedNanoUsd,
    priceVersion: guard.options.prices?.version,
    bound: bounded ? (call.request.bound ?? "enforced") : "none",
    evaluations,
  };
}
