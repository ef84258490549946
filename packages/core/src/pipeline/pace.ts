import type { BudgetAccount } from "../budget/budget-account.ts";
import { planCall } from "../budget/plan-call.ts";
import { amountFor, type ReservationPlan } from "../budget/reservation-plan.ts";
import { throttleDelayMs } from "../budget/steering.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { quote } from "../config/describe.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { ArmedKill } from "../kill/armed-kills.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import { Pacer } from "./pacer.ts";
import type { Refusal } from "./refusal.ts";

/** The longest that a call waits for its turn under a kill of level `throttle`. */
const MAX_TURN_MS = 30_000;

/** An account that throttles, and what a call would take of it. */
interface Paced {
  readonly account: BudgetAccount;
  readonly pacer: Pacer;
  readonly amount: number;
  readonly maxDelayMs: number;
  /** What remains ÷ the time that is left, upside down. Infinite where the window has no end. */
  readonly msPerUnit: number;
}

/**
 * Lets calls through one at a time under a kill of level `throttle`, and at the pace that a budget
 * can keep up until its reset once a threshold throttles it. Nothing is held while a call waits.
 */
export function pace(call: GuardedCall, guard: GuardRuntime): MaybePromise<Refusal | undefined> {
  if (!guard.resolver.steers && guard.killSwitch.throttles === 0) return undefined;
  const first = tryToGo(call, guard);
  if (first === "admitted") return undefined;
  if (first !== "held") return first;
  const { slowest, refusal } = longestWait(call, guard);
  if (refusal !== undefined) return refusal;
  return standInLine(call, guard, slowest);
}

type Attempt = "admitted" | "held" | Refusal;

/** Takes its turn and its share of every pace, or nothing. */
function tryToGo(call: GuardedCall, guard: GuardRuntime): Attempt {
  const turns = guard.killSwitch.throttles === 0 ? [] : guard.killSwitch.throttling(call);
  const paced = pacedAccounts(call, guard);
  if ("code" in paced) return paced;
  const nowMs = guard.options.clock.monotonicMs();
  const isHeld =
    turns.some(({ running }) => running !== undefined) ||
    paced.some(({ pacer }) => pacer.delayMs(nowMs) > 0);
  if (isHeld) return "held";
  const endless = paced.find(({ msPerUnit }) => msPerUnit === Number.POSITIVE_INFINITY);
  if (endless !== undefined) return tooLong(endless, undefined);
  for (const { pacer, amount, msPerUnit } of paced) pacer.take(amount, msPerUnit, nowMs);
  for (const turn of turns) turn.running = call;
  if (turns.length + paced.length > 0) {
    call.holdGate({ release: (record) => giveBack(call, guard, turns, paced, record) });
  }
  return "admitted";
}

function giveBack(
  call: GuardedCall,
  guard: GuardRuntime,
  turns: readonly ArmedKill[],
  paced: readonly Paced[],
  record: CallRecord | undefined,
): void {
  for (const turn of turns) if (turn.running === call) turn.running = undefined;
  for (const { pacer, account, amount } of paced) {
    pacer.giveBack(Math.max(0, amount - usedIn(account.unit, record)));
  }
  guard.pacedQueue.changed();
}

function usedIn(unit: BudgetUnit, record: CallRecord | undefined): number {
  if (record === undefined || record.outcome === "released") return 0;
  if (unit === "usd") return record.costNanoUsd ?? 0;
  return unit === "calls" ? 1 : record.usage.inputTokens + record.usage.outputTokens;
}

/** The accounts of a call that throttle; or why the call cannot be planned. */
function pacedAccounts(call: GuardedCall, guard: GuardRuntime): readonly Paced[] | Refusal {
  if (!guard.resolver.steers) return [];
  if (!call.accounts().some((account) => throttleDelayMs(account) !== undefined)) return [];
  const plan = planCall(call, guard);
  if ("code" in plan) return plan;
  return plan.accounts.flatMap((account) => pacedBy(account, plan, guard) ?? []);
}

function pacedBy(
  account: BudgetAccount,
  plan: ReservationPlan,
  guard: GuardRuntime,
): Paced | undefined {
  const maxDelayMs = throttleDelayMs(account);
  const remaining = account.ref.limit - (account.spent ?? 0);
  if (maxDelayMs === undefined || remaining <= 0) return undefined; // the reservation refuses it
  account.pacer ??= new Pacer();
  return {
    account,
    maxDelayMs,
    pacer: account.pacer,
    amount: amountFor(plan, account.unit, plan.maxOutputTokens),
    msPerUnit: msLeft(account, guard.nowMs()) / remaining,
  };
}

/** Until the window resets; a rolling one gives back as much in its length as was spent in it. */
function msLeft({ ref: { window } }: BudgetAccount, nowMs: number): number {
  return window.kind === "rolling" ? window.lengthMs : Math.max(0, window.endsAtMs - nowMs);
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
  const [slowest] = paced.toSorted((a, b) => waitOf(b) - waitOf(a));
  if (!guard.pacedQueue.hasRoom) return { slowest, refusal: lineIsFull(slowest, waitOf) };
  return { slowest };
}

async function standInLine(
  call: GuardedCall,
  guard: GuardRuntime,
  slowest: Paced | undefined,
): Promise<Refusal | undefined> {
  const attempt = (): Attempt => {
    call.waited();
    const killed = checkKillSwitch(call, guard);
    if (killed !== undefined) return killed;
    const outcome = tryToGo(call, guard);
    if (outcome === "held") lookAgainInTime(call, guard);
    return outcome;
  };
  if (slowest !== undefined) slowest.pacer.waiting += slowest.amount;
  lookAgainInTime(call, guard);
  const onTimeout =
    slowest === undefined ? noTurn() : tooLong(slowest, slowest.pacer.delayMs(0) || undefined);
  try {
    const { signal } = call.request;
    const maxWaitMs = slowest?.maxDelayMs ?? MAX_TURN_MS;
    return await guard.pacedQueue.wait(attempt, signal, onTimeout, maxWaitMs);
  } finally {
    if (slowest !== undefined) slowest.pacer.waiting -= slowest.amount;
  }
}

/** Turns come back with calls; the instants of a pace need a timer, one for all who wait. */
function lookAgainInTime(call: GuardedCall, guard: GuardRuntime): void {
  const { clock } = guard.options;
  const nowMs = clock.monotonicMs();
  for (const { pacer } of call.accounts()) {
    const delayMs = pacer?.delayMs(nowMs) ?? 0;
    if (pacer === undefined || pacer.isWatched || delayMs === 0) continue;
    pacer.isWatched = true;
    const look = (): void => {
      pacer.isWatched = false;
      guard.pacedQueue.changed();
    };
    clock.setTimer(look, Math.min(Math.ceil(delayMs), MAX_TURN_MS));
  }
}

function tooLong({ account, maxDelayMs }: Paced, waitMs: number | undefined): Refusal {
  const { budget, key } = account;
  const rule =
    waitMs === undefined
      ? "its window does not reset, so there is no pace that it could keep"
      : `the next call of this pace may go in ${Math.ceil(waitMs)} ms, and waits end at ${maxDelayMs} ms`;
  return {
    code: "BR4001",
    message: `budget ${quote(budget.id)} (${quote(key)}) throttles its calls: ${rule}. Come back later, raise the limit, or raise maxDelayMs of its throttle.`,
    scope: `budget:${budget.id}`,
    details: {
      budget: budget.id,
      key,
      maxDelayMs,
      ...(waitMs !== undefined && { retryAfterMs: Math.ceil(waitMs) }),
    },
  };
}

function lineIsFull(slowest: Paced | undefined, waitOf: (paced: Paced) => number): Refusal {
  if (slowest !== undefined) return tooLong(slowest, waitOf(slowest));
  return { ...noTurn(), message: "too many calls wait for their turn already. Come back later." };
}

function noTurn(): Refusal {
  return {
    code: "BR4002",
    message: `a kill of level "throttle" lets one call through at a time, and ${MAX_TURN_MS} ms were not enough for a turn. Come back later, or have the kill revived.`,
    scope: "kill",
    details: { maxDelayMs: MAX_TURN_MS, retryAfterMs: MAX_TURN_MS },
  };
}
