import type { CallRecord } from "../call/call-record.ts";
import type { CallEnd, GuardedCall } from "../call/guarded-call.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { type Charge, chargeOf } from "./charge.ts";
import { commit } from "./commit.ts";
import { publish } from "./publish.ts";
import { toRecord } from "./to-record.ts";

/**
 * Ends a call: money first, then indicators, then evaluators, then everyone who listens. Runs once
 * for each call, whoever ends it and however often. A call that the sweeper recorded before is
 * corrected: its record takes the place of the sweeper's.
 */
export async function settleCall(
  call: GuardedCall,
  guard: GuardRuntime,
  end: CallEnd,
): Promise<CallRecord> {
  const before = call.expired;
  const charge = chargeOf(call, guard.options, end);
  if (before !== undefined && charge.outcome === before.outcome) return before;
  const evaluations: EvaluationResult[] = [];
  const record = toRecord(call, guard, charge, evaluations);
  call.record = record;
  call.leave(record);
  const committing = commit(call, guard, charge);
  if (committing !== undefined) await committing;
  call.state = "ended";
  if (before === undefined) guard.counters.settled++;
  guard.tasks.addCost(call.frame, (charge.nanoUsd ?? 0) - (before?.costNanoUsd ?? 0));
  guard.sli.recordCall(record);
  guard.heldQueue.changed();
  noteTruncation(call, guard, charge);
  let failure: Error | undefined;
  const judged = end.kind === "settle" && charge.outcome !== "cached";
  if (judged && guard.evaluations.wants(call)) {
    failure = await guard.evaluations.judgeCall(call, record, end.result.output, evaluations);
  }
  publish(guard, record, before);
  if (failure !== undefined) throw failure;
  return record;
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
