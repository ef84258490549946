import type { BudgetAccount } from "../budget/budget-account.ts";
import { remainingOf } from "../budget/budget-account.ts";
import { budgetRefusal } from "../budget/budget-refusal.ts";
import { planCall } from "../budget/plan-call.ts";
import { affordableOutput, amountFor, type ReservationPlan } from "../budget/reservation-plan.ts";
import { resetsAtMs } from "../budget/window.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { AccountRef, Balance, LedgerReply, ReserveResult } from "../ledger/ledger.ts";
import { onceMs } from "../meter/commit-once.ts";
import { accountsOf, giveBack } from "../meter/give-back.ts";
import { TopUps } from "../meter/top-ups.ts";
import type { Gate } from "../ports/gate.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Held, HeldAttempt } from "./held-queue.ts";
import { paceAgain } from "./pace.ts";
import type { Refusal } from "./refusal.ts";

/** Times a bound is lowered to what is left before the call is refused. */
const MAX_TRIES = 3;

/**
 * Takes slot, probe and money: all or none. Where only held money is in the way, and `onHeld` says
 * so, the call waits, and holds nothing while it does.
 */
export function acquire(call: GuardedCall, guard: GuardRuntime): MaybePromise<Refusal | undefined> {
  const outcome = take(call, guard);
  if (!isPromise(outcome)) return decide(call, guard, outcome);
  return outcome.then((later) => {
    const decided = decide(call, guard, later);
    // The store's answer may be older than what has come back since: who waits now looks once more.
    if (isPromise(decided)) guard.heldQueue.freed(accountsOf(call));
    return decided;
  });
}

/** `held`: what other calls hold is in the way. */
type Outcome = "reserved" | { readonly refusal: Refusal; readonly held?: Held | undefined };

function decide(
  call: GuardedCall,
  guard: GuardRuntime,
  outcome: Outcome,
): MaybePromise<Refusal | undefined> {
  if (outcome === "reserved") return undefined;
  const { refusal, held } = outcome;
  const waits = held !== undefined && guard.options.onHeld === "wait" && guard.heldQueue.hasRoom;
  const decided = waits ? waitFor(held, call, guard, refusal) : refusal;
  // Others may have tried while it had the turn that it has given back.
  if (guard.killSwitch.throttles > 0) guard.heldQueue.freed([]);
  return decided;
}

function waitFor(
  held: Held,
  call: GuardedCall,
  guard: GuardRuntime,
  refusal: Refusal,
): Promise<Refusal | undefined> {
  const attempt: HeldAttempt = () => {
    call.waited();
    const killed = checkKillSwitch(call, guard);
    const paced = killed ?? paceAgain(call, guard);
    if (paced !== "admitted") return paced;
    const again = take(call, guard);
    return isPromise(again) ? again.then(toAttempt) : toAttempt(again);
  };
  return guard.heldQueue.wait(attempt, held, call.request.signal, () => refusal);
}

function toAttempt(outcome: Outcome): "admitted" | Held | Refusal {
  if (outcome === "reserved") return "admitted";
  return outcome.held ?? outcome.refusal;
}

function take(call: GuardedCall, guard: GuardRuntime): MaybePromise<Outcome> {
  const refusal = takeFromGates(call, guard);
  if (refusal !== undefined) return { refusal };
  const plan = planCall(call, guard);
  if ("code" in plan) return { refusal: plan };
  call.plan = plan;
  const { stepTokens } = guard.options.reservation;
  const inSteps = isReservedInSteps(call, guard) && plan.maxOutputTokens > stepTokens;
  const outcome = reserve(call, guard, inSteps ? stepTokens : plan.maxOutputTokens, MAX_TRIES);
  const keep = (decided: Outcome): Outcome => {
    // Slots and probes are kept with the money, or not at all.
    if (decided !== "reserved") call.releaseGates();
    else if (inSteps) call.topUps = new TopUps(call, guard, stepTokens);
    return decided;
  };
  return isPromise(outcome) ? outcome.then(keep) : keep(outcome);
}

/** Of calls that other attempts may share, nobody knows how far they have come. */
function isReservedInSteps({ request }: GuardedCall, { options }: GuardRuntime): boolean {
  if (options.reservation.mode === "whole") return false;
  return request.streams === true && request.idempotencyKey === undefined;
}

function takeFromGates(call: GuardedCall, { options }: GuardRuntime): Refusal | undefined {
  const { limits, breaker } = options;
  const refusal = limits === undefined ? undefined : takeFromGate(limits, call);
  if (refusal !== undefined || breaker === undefined) return refusal;
  return takeFromGate(breaker, call);
}

function takeFromGate(gate: Gate, call: GuardedCall): Refusal | undefined {
  const taken = gate.acquire(call, call.activeMs);
  if (taken === undefined) return undefined;
  if ("code" in taken) return taken;
  if (typeof taken.release !== "function") throw new TypeError("a gate gave no hold");
  call.holdGate(taken);
  return undefined;
}

function reserve(
  call: GuardedCall,
  guard: GuardRuntime,
  outputTokens: number,
  tries: number,
): MaybePromise<Outcome> {
  const plan = call.plan as ReservationPlan;
  const once = call.request.idempotencyKey !== undefined;
  const { undispatchedTtlMs } = guard.options.reservation;
  call.setBound(outputTokens);
  if (plan.accounts.length === 0) return "reserved";
  const { length } = plan.accounts;
  const accounts = new Array<AccountRef>(length);
  for (let i = 0; i < length; i++) accounts[i] = (plan.accounts[i] as BudgetAccount).ref;
  const reply = guard.ledger.reserve([
    {
      id: call.ledgerId,
      accounts,
      amounts: call.amounts,
      expiresInMs: once ? onceMs(guard) : undispatchedTtlMs,
      atMs: call.decidedAtMs,
      once,
    },
  ]);
  if (isPromise(reply)) return reply.then((later) => read(call, guard, later, tries));
  return read(call, guard, reply, tries);
}

function read(
  call: GuardedCall,
  guard: GuardRuntime,
  reply: LedgerReply<ReserveResult>,
  tries: number,
): MaybePromise<Outcome> {
  // Noted before anything else can fail, so that the money is given back whatever happens next.
  const kind = reply.results[0]?.kind;
  call.repeated = kind === "duplicate" && call.request.idempotencyKey !== undefined;
  call.reserved = kind === "reserved" || call.repeated;
  if (call.state === "ended") giveBack(call, guard);
  if (reply.killEpoch > guard.killSwitch.logEpoch) {
    const pulled = guard.killSwitch.pull();
    if (isPromise(pulled)) return pulled.then(() => interpret(call, guard, reply, tries));
  }
  return interpret(call, guard, reply, tries);
}

function interpret(
  call: GuardedCall,
  guard: GuardRuntime,
  reply: LedgerReply<ReserveResult>,
  tries: number,
): MaybePromise<Outcome> {
  const result = reply.results[0] as ReserveResult;
  if (result.kind === "reserved") return "reserved";
  if (result.kind === "duplicate") {
    return call.repeated ? "reserved" : { refusal: duplicateRefusal(call) };
  }
  if (result.kind === "full") return { refusal: fullRefusal(result.key, result.cap) };
  const lower = affordable(call.plan as ReservationPlan, result.balances);
  const plan = call.plan as ReservationPlan;
  const isWanted = call.state !== "ended" && tries > 1;
  if (isWanted && plan.chosen && lower >= plan.minOutputTokens && lower < call.bound) {
    return reserve(call, guard, lower, tries - 1);
  }
  return refusalOf(call, guard, plan, result);
}

type Refused = Extract<ReserveResult, { kind: "refused" }>;

/** What is held may come back, and so may what other processes have leased; what is spent not. */
function refusalOf(
  call: GuardedCall,
  { options }: GuardRuntime,
  plan: ReservationPlan,
  { index, balances }: Refused,
): Exclude<Outcome, "reserved"> {
  const wants = (at: number): number => {
    const { unit } = plan.accounts[at] as BudgetAccount;
    return plan.chosen ? amountFor(plan, unit, plan.minOutputTokens) : (call.amounts[at] as number);
  };
  const isSpent = ({ settled, unknown }: Balance, at: number): boolean =>
    settled + unknown + wants(at) > (plan.accounts[at] as BudgetAccount).ref.limit;
  const spent = balances.findIndex(isSpent);
  const at = spent < 0 ? tightest(plan, { index, balances }, wants) : spent;
  const account = plan.accounts[at] as BudgetAccount;
  const balance = balances[at] as Balance;
  const requested = wants(at);
  const isHeld = spent < 0;
  const mayWait = isHeld && options.onHeld !== "wait"; // who waits already need not be told to
  const { key, ref } = account;
  const claim = { key, requested, kind: call.kind, ref, balance, mayWait };
  return {
    refusal: budgetRefusal(account.budget, claim),
    held: isHeld ? heldBy(account, requested, call.decidedAtMs) : undefined,
  };
}

/**
 * Which account the least that the call could do with does not fit into. The ledger's `index` is
 * where the larger amount that was tried first did not fit, which may be another.
 */
function tightest(
  plan: ReservationPlan,
  { index, balances }: Pick<Refused, "index" | "balances">,
  wants: (at: number) => number,
): number {
  const found = balances.findIndex((balance, at) => {
    return remainingOf(balance, (plan.accounts[at] as BudgetAccount).ref.limit) < wants(at);
  });
  return found < 0 ? index : found;
}

function heldBy({ id, ref }: BudgetAccount, requested: number, nowMs: number): Held {
  const resetsAt = resetsAtMs(ref.window);
  const resetsInMs = resetsAt === null ? undefined : Math.max(0, resetsAt - nowMs);
  return { held: true, key: id, requested, resetsInMs };
}

/** The most output that every account affords right now. */
function affordable(plan: ReservationPlan, balances: Refused["balances"]): number {
  let lowest = plan.maxOutputTokens;
  for (const [index, account] of plan.accounts.entries()) {
    const { unit } = account;
    const balance = balances[index];
    if (balance === undefined) continue;
    const remaining = remainingOf(balance, account.ref.limit);
    if (unit === "calls") lowest = remaining < 1 ? -1 : lowest;
    else lowest = Math.min(lowest, affordableOutput(plan, unit, remaining));
  }
  return lowest;
}

function fullRefusal(key: string, cap: number): Refusal {
  return {
    code: "BR8001",
    message: `the ledger has no room for another account (${key}; ${cap} in use for this org), and forgetting one would hand out its money again. Split the budget by fewer values, or use a durable store.`,
    scope: "ledger",
    details: { cap },
  };
}

function duplicateRefusal(call: GuardedCall): Refusal {
  return {
    code: "BR8001",
    message: `the ledger holds a reservation with the id ${call.id} already. Ids must be unique over all processes that share a store: check the ids option.`,
    scope: "ledger",
  };
}
