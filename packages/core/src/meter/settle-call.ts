import { crossThresholds } from "../budget/cross-thresholds.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { CallEnd, GuardedCall } from "../call/guarded-call.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { LedgerReply, SettleResult } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { amountsOf, type Charge, chargeOf } from "./charge.ts";

/**
 * Ends a call: money first, then indicators, then evaluators, then everyone who listens. Runs once
 * for each call, whoever ends it and however often.
 */
export async function settleCall(
  call: GuardedCall,
  guard: GuardRuntime,
  end: CallEnd,
): Promise<CallRecord> {
  const charge = chargeOf(call, guard.options, end);
  const evaluations: EvaluationResult[] = [];
  const record = toRecord(call, guard, charge, evaluations);
  call.leave(record);
  const committing = commit(call, guard, charge);
  if (committing !== undefined) await committing;
  call.state = "ended";
  guard.counters.settled++;
  guard.tasks.addCost(call.frame, charge.nanoUsd ?? 0);
  guard.sli.recordCall(record);
  guard.heldQueue.changed();
  noteTruncation(call, guard, charge);
  let failure: Error | undefined;
  if (end.kind === "settle" && charge.outcome !== "cached") {
    failure = await guard.evaluations.judgeCall(call, record, end.result.output, evaluations);
  }
  publish(guard, record);
  if (failure !== undefined) throw failure;
  return record;
}

function commit(call: GuardedCall, guard: GuardRuntime, charge: Charge): Promise<void> | undefined {
  const accounts = call.plan?.accounts ?? [];
  if (accounts.length === 0 || (!call.reserved && call.state !== "unknown")) return undefined;
  const released = charge.outcome === "released";
  const reply = guard.ledger.settle([
    { id: call.id, as: released ? "released" : "settled", amounts: amountsOf(charge, accounts) },
  ]);
  if (!isPromise(reply)) return settled(call, guard, reply);
  return reply
    .then((later) => settled(call, guard, later))
    .catch(() => {
      guard.counters.settlementErrors++;
      guard.warnings.once(
        "settlement-failed",
        "A settlement did not reach the store: its reservation stays charged until it expires there.",
      );
    });
}

function settled(
  call: GuardedCall,
  guard: GuardRuntime,
  reply: LedgerReply<SettleResult>,
): undefined {
  const { balances } = reply.results[0] as SettleResult;
  for (let index = 0; index < balances.length; index++) {
    const account = call.plan?.accounts[index];
    const balance = balances[index];
    if (account !== undefined && balance !== undefined) crossThresholds(account, balance, guard);
  }
}

function toRecord(
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

function noteTruncation(call: GuardedCall, guard: GuardRuntime, charge: Charge): void {
  if (call.plan?.chosen !== true || charge.source !== "provider") return;
  if (charge.outcome !== "success" || charge.usage.outputTokens < call.bound) return;
  guard.emitter.emit("output-truncated", {
    id: call.id,
    name: call.name,
    maxOutputTokens: call.bound,
  });
}

function publish(guard: GuardRuntime, record: CallRecord): void {
  guard.emitter.emit("call-settled", record);
  for (const exporter of guard.options.exporters ?? []) {
    try {
      exporter.exportCall(record);
    } catch {
      guard.counters.exporterErrors++;
    }
  }
}
