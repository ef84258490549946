import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { ArmedKill } from "../kill/armed-kills.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Held } from "./held-queue.ts";
import { lineIsFull, MAX_TURN_MS, noTurn, tooLong } from "./pace-refusal.ts";
import { type Paced, pacedAccounts } from "./paced-accounts.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Lets calls through one at a time under a kill of level `throttle`, and at the pace that a budget
 * can keep up until its reset once a threshold throttles it. Nothing is held while a call waits.
 */
export function pace(call: GuardedCall, guard: GuardRuntime): MaybePromise<Refusal | undefined> {
  if (!guard.resolver.steers && guard.killSwitch.throttles === 0) return undefined;
  const first = tryToGo(call, guard);
  if (first === "admitted") return undefined;
  if (!("held" in first)) return first;
  const { slowest, refusal } = longestWait(call, guard);
  if (refusal !== undefined) return refusal;
  return standInLine(call, guard, first, slowest);
}

type Attempt = "admitted" | Held | Refusal;

/** Nobody calls when a kill of level `throttle` ends by itself: those who wait look again then. */
function heldUntil(turns: readonly ArmedKill[], key: string | undefined, nowMs: number): Held {
  const resetsInMs = Math.min(...turns.map(({ expiresAtMs }) => expiresAtMs - nowMs));
  return { held: true, key, resetsInMs: Math.max(0, resetsInMs) };
}

/**
 * Takes its turn and its share of every pace, or says that it must wait: for calls that wait, in
 * this line or for money, and hold neither while they do.
 */
export function paceAgain(call: GuardedCall, guard: GuardRuntime): Attempt {
  if (!guard.resolver.steers && guard.killSwitch.throttles === 0) return "admitted";
  const outcome = tryToGo(call, guard);
  if (outcome !== "admitted" && "held" in outcome) lookAgainInTime(call, guard);
  return outcome;
}

/** Takes its turn and its share of every pace, or nothing. */
function tryToGo(call: GuardedCall, guard: GuardRuntime): Attempt {
  const turns = guard.killSwitch.throttles === 0 ? [] : guard.killSwitch.throttling(call);
  const paced = pacedAccounts(call, guard);
  if ("code" in paced) return paced;
  const nowMs = guard.options.clock.monotonicMs();
  if (isTaken(turns, call)) return heldUntil(turns, undefined, nowMs);
  const late = paced.find(({ pacer }) => pacer.delayMs(nowMs) > 0);
  if (late !== undefined) return heldUntil(turns, late.account.id, nowMs);
  const endless = paced.find(({ msPerUnit }) => msPerUnit === Number.POSITIVE_INFINITY);
  if (endless !== undefined) return tooLong(endless, undefined);
  for (const { pacer, amount, msPerUnit } of paced) pacer.take(amount, msPerUnit, nowMs);
  for (const turn of turns) turn.running ??= call;
  if (turns.length + paced.length > 0) {
    call.holdGate({ release: (record) => giveBack(call, guard, turns, paced, record) });
  }
  return "admitted";
}

function isTaken(turns: readonly ArmedKill[], call: GuardedCall): boolean {
  return turns.some((turn) => isOfOthers(turn, call));
}

function isOfOthers({ running }: ArmedKill, call: GuardedCall): boolean {
  return running !== undefined && !mayContain(running, call);
}

/** The kill under which it is somebody else's turn. */
function turnOfOthers(call: GuardedCall, guard: GuardRuntime): ActiveKill | undefined {
  return guard.killSwitch.throttling(call).find((turn) => isOfOthers(turn, call))?.entry;
}

/**
 * A tool may run an agent, and a stream be judged by a model while it runs: calls that would wait
 * for its turn to end, and it for them. What is inside of a call is told by its task alone.
 */
function mayContain(running: GuardedCall, call: GuardedCall): boolean {
  const [task] = running.tasks;
  if (call.tasks[0] !== task) return false;
  const judges = call.purpose === "evaluation" && running.purpose !== "evaluation";
  return judges || (running.kind === "tool" && task !== undefined);
}

function giveBack(
  call: GuardedCall,
  guard: GuardRuntime,
  turns: readonly ArmedKill[],
  paced: readonly Paced[],
  record: CallRecord | undefined,
): void {
  for (const turn of turns) if (turn.running === call) turn.running = undefined;
  for (const { pacer, account, amount, msPerUnit, round } of paced) {
    pacer.giveBack(Math.max(0, amount - usedIn(account.unit, record)), msPerUnit, round);
  }
  const accounts = paced.map(({ account }) => account);
  guard.pacedQueue.freed(accounts);
  // What a call that waits for money gives back, those who wait beside it try for anyway.
  if (record !== undefined || call.state === "ended") guard.heldQueue.freed(accounts);
}

function usedIn(unit: BudgetUnit, record: CallRecord | undefined): number {
  if (record === undefined || record.outcome === "released") return 0;
  if (unit === "usd") return record.costNanoUsd ?? 0;
  return unit === "calls" ? 1 : record.usage.inputTokens + record.usage.outputTokens;
}

/** What a call waits for longest, and how long it may; or that it would be too long. */
function longestWait(
  call: GuardedCall,
  guard: GuardRuntime,
): { readonly slowest: Paced | undefined; readonly refusal?: Refusal } {
  const paced = pacedAccounts(call, guard);
  if ("code" in paced) return { slowest: undefined, refusal: paced };
  const nowMs = guard.options.clock.monotonicMs();
  const waitOf = ({ pacer, msPerUnit }: Paced): number =>
    pacer.delayMs(nowMs) + pacer.waiting * msPerUnit;
  const late = paced.find((one) => waitOf(one) > one.maxDelayMs);
  if (late !== undefined) return { slowest: late, refusal: tooLong(late, waitOf(late)) };
  // One that nobody waits for is in no way: where there is none, it is the turn of a kill.
  const [slowest] = paced
    .filter((one) => waitOf(one) > 0)
    .toSorted((a, b) => waitOf(b) - waitOf(a));
  if (guard.pacedQueue.hasRoom) return { slowest };
  return { slowest, refusal: lineIsFull(slowest, waitOf, turnOfOthers(call, guard)?.by) };
}

async function standInLine(
  call: GuardedCall,
  guard: GuardRuntime,
  held: Held,
  slowest: Paced | undefined,
): Promise<Refusal | undefined> {
  const attempt = (): Attempt => {
    call.waited();
    const killed = checkKillSwitch(call, guard);
    return killed ?? paceAgain(call, guard);
  };
  if (slowest !== undefined) slowest.pacer.waiting += slowest.amount;
  const { clock } = guard.options;
  const turn = slowest === undefined ? turnOfOthers(call, guard) : undefined;
  const endWait = turn && guard.tasks.beginWait(call.frame, turn.by, clock.monotonicMs());
  lookAgainInTime(call, guard);
  const maxWaitMs = slowest?.maxDelayMs ?? MAX_TURN_MS;
  const onTimeout = (): Refusal => inTheWay(call, guard, maxWaitMs);
  try {
    const { signal } = call.request;
    return await guard.pacedQueue.wait(attempt, held, signal, onTimeout, maxWaitMs);
  } finally {
    if (slowest !== undefined) slowest.pacer.waiting -= slowest.amount;
    endWait?.(clock.monotonicMs());
  }
}

/** What a call has waited for in vain: somebody else's turn, or the pace that calls before it set. */
function inTheWay(call: GuardedCall, guard: GuardRuntime, waitedMs: number): Refusal {
  const turn = turnOfOthers(call, guard);
  if (turn !== undefined) return noTurn(turn.by, waitedMs);
  const paced = pacedAccounts(call, guard);
  if ("code" in paced) return paced;
  const nowMs = guard.options.clock.monotonicMs();
  const delayOf = ({ pacer }: Paced): number => pacer.delayMs(nowMs);
  const [slowest] = paced.toSorted((a, b) => delayOf(b) - delayOf(a));
  return slowest === undefined ? noTurn(undefined, waitedMs) : tooLong(slowest, delayOf(slowest));
}

/**
 * Turns come back with calls; the instants of a pace need a timer, one for all who wait. Each of
 * them keeps the process alive by itself.
 */
function lookAgainInTime(call: GuardedCall, guard: GuardRuntime): void {
  const { clock } = guard.options;
  const nowMs = clock.monotonicMs();
  for (const account of call.accounts()) {
    const { pacer } = account;
    const delayMs = pacer?.delayMs(nowMs) ?? 0;
    if (pacer === undefined || delayMs === 0) continue;
    const inMs = Math.min(Math.ceil(delayMs), MAX_TURN_MS);
    if (pacer.watch !== undefined && pacer.watch.atMs <= nowMs + inMs) continue;
    pacer.watch?.cancel(); // what was given back since makes it sooner
    const look = (): void => {
      pacer.watch = undefined;
      guard.pacedQueue.freed([account]);
      guard.heldQueue.freed([account]);
    };
    const cancel = clock.setTimer(look, inMs, "background");
    pacer.watch = { atMs: nowMs + inMs, cancel };
  }
}
