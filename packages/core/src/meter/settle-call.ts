import { observeInput } from "../budget/plan-call.ts";
import type { CallEnd } from "../call/call-end.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { retryAfterOf } from "../call/retry-after.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { Panel } from "../evaluate/panel.ts";
import type { Source } from "../evaluate/source.ts";
import type { Subject } from "../evaluate/subject.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { RefusalCode } from "../pipeline/refusal.ts";
import { type Charge, chargeOf } from "./charge.ts";
import { commit } from "./commit.ts";
import { accountsOf } from "./give-back.ts";
import { publish } from "./publish.ts";
import { type Cause, NO_CAUSE, toRecord } from "./to-record.ts";

/**
 * Ends a call: money first, then indicators, then evaluators, then everyone who listens. Runs once
 * for each call, whoever ends it and however often. A call that the sweeper recorded before is
 * corrected: its record takes the place of the sweeper's.
 *
 * No async function: where nothing is waited for, a promise that is there already saves 0.1 µs.
 */
export function settleCall(
  call: GuardedCall,
  guard: GuardRuntime,
  end: CallEnd,
): Promise<CallRecord> {
  try {
    const before = call.expired;
    const charge = chargeOf(call, guard.options, end);
    if (before !== undefined && charge.outcome === before.outcome) return Promise.resolve(before);
    const judged = toJudge(call, guard, end, charge);
    const verdicts = judged?.verdicts ?? call.verdicts;
    const record = toRecord(call, guard, charge, verdicts, causeOf(call, guard, charge, end));
    call.record = record;
    call.leave(record);
    const committing = commit(call, guard, charge);
    const ending: Ending = { call, guard, charge, record, before };
    if (committing !== undefined || (judged !== undefined && judged.panel.inline.length > 0)) {
      return finishLater(ending, committing, judged);
    }
    count(ending);
    if (judged !== undefined) {
      guard.evaluations.judgeLater(judged.panel, subjectOf(call, record, judged));
    }
    publish(guard, call, record, before);
    call.done = true;
    return Promise.resolve(record);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What the error of a call, and the hook, say besides. */
function causeOf(
  { cutBy }: GuardedCall,
  { options }: GuardRuntime,
  { outcome }: Charge,
  end: CallEnd,
): Cause {
  if (end.kind !== "fail") return NO_CAUSE;
  const { error, retryAfterMs } = end;
  if (outcome === "killed") return { ...NO_CAUSE, refusalCode: "BR1001" };
  if (outcome === "refused") return { ...NO_CAUSE, refusalCode: refusalCodeOf(cutBy ?? error) };
  const isStated = typeof retryAfterMs === "number" && retryAfterMs >= 0;
  const waitMs = isStated ? retryAfterMs : retryAfterOf(error, options.clock.wallMs());
  return { refusalCode: undefined, retryAfterMs: waitMs };
}

/** A verdict on a call inside, and a wrong option, are no refusals of a call. */
function refusalCodeOf(error: unknown): RefusalCode | undefined {
  const code = findGuardError(error)?.code;
  return code === "BR6001" || code === "BR9001" ? undefined : code;
}

/** A call on its way from its charge to its listeners. */
interface Ending {
  readonly call: GuardedCall;
  readonly guard: GuardRuntime;
  readonly charge: Charge;
  readonly record: CallRecord;
  /** The record that this one takes the place of. */
  readonly before: CallRecord | undefined;
}

/** Who looks at what, and where the inline verdicts go: into the record. */
interface Judged {
  readonly panel: Panel;
  readonly output: unknown;
  readonly sources: readonly Source[];
  readonly verdicts: EvaluationResult[];
}

/** Undefined when no evaluator will look at the call, which may still be a source of others. */
function toJudge(
  call: GuardedCall,
  { evaluations, sources: shelf }: GuardRuntime,
  end: CallEnd,
  { outcome }: Charge,
): Judged | undefined {
  if (!evaluations.areAny || end.kind !== "settle" || outcome === "cached") return undefined;
  const sources = shelf.gather(call, end);
  const panel = evaluations.panelOf(call);
  if (panel === undefined) return undefined;
  return { panel, output: end.output, sources, verdicts: [] };
}

function subjectOf(
  { kind, input, frame, request }: GuardedCall,
  record: CallRecord,
  { output, sources }: Judged,
): Subject {
  return { on: kind, input, output, record, sources, frame, caller: request.signal };
}

async function finishLater(
  ending: Ending,
  committing: Promise<void> | undefined,
  judged: Judged | undefined,
): Promise<CallRecord> {
  const { call, guard, before } = ending;
  await committing;
  const record = !call.charged ? freeOf(ending.record) : ending.record;
  call.record = record;
  count({ ...ending, record });
  let failure: Error | undefined;
  if (judged !== undefined) {
    const { panel, verdicts } = judged;
    failure = await guard.evaluations.judge(panel, subjectOf(call, record, judged), verdicts);
    Object.freeze(verdicts); // no inline verdict comes any more
  }
  publish(guard, call, record, before);
  if (failure !== undefined) throw failure;
  return record;
}

/** Another attempt of the same call was charged already. */
function freeOf(record: CallRecord): CallRecord {
  return Object.freeze({
    ...record,
    costNanoUsd: record.costNanoUsd === undefined ? undefined : 0,
  });
}

/** Everything that changes with a call's end, once the money has. */
function count({ call, guard, charge, record, before }: Ending): void {
  call.state = "ended";
  if (before === undefined) guard.counters.settled++;
  guard.tasks.addCost(call.frame, costOf(record, before));
  if (!call.refused) guard.sli.recordCall(record, endedAtMs(call, guard)); // else it is counted as a refusal already
  guard.heldQueue.freed(accountsOf(call));
  noteTruncation(call, guard, charge);
  observeInput(call, guard.options, charge);
}

/** What a call waited for before it was sent is not in its latency. Undefined where that is nothing. */
function endedAtMs(
  { startedAtMs, decidedAtMs }: GuardedCall,
  { options }: GuardRuntime,
): number | undefined {
  return decidedAtMs === startedAtMs ? undefined : options.clock.wallMs();
}

/** What a call, or the correction of its record, costs its tasks. */
function costOf({ costNanoUsd }: CallRecord, before: CallRecord | undefined): number | undefined {
  return costNanoUsd === undefined ? undefined : costNanoUsd - (before?.costNanoUsd ?? 0);
}

function noteTruncation(call: GuardedCall, guard: GuardRuntime, charge: Charge): void {
  if (call.plan?.chosen !== true || call.isBoundAssumed || charge.source !== "provider") return;
  if (charge.outcome !== "success" || charge.usage.outputTokens < (call.mostOutput ?? 0)) return;
  guard.emitter.emit("output-truncated", {
    id: call.id,
    name: call.name,
    maxOutputTokens: call.maxOutputTokens ?? call.bound,
  });
}
