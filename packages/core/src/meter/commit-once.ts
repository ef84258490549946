import { spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { LateCharge, LateChargeResult, LedgerReply } from "../ledger/ledger.ts";
import { atNow } from "./at-now.ts";
import { amountsOf, type Charge } from "./charge.ts";
import { lookAtSettlement } from "./look-at-settlement.ts";

/** How long it is remembered that a call was charged. */
const REMEMBER_MS = 3_600_000;
/** How long attempts of one call are known to be the same. */
const ONCE_MS = 600_000;

/** For how long a store remembers a reservation that attempts of one call share. */
export function onceMs({ options }: GuardRuntime): number {
  return Math.max(ONCE_MS, options.reservation.undispatchedTtlMs);
}

/**
 * Whether charges that the store does not take wait for it, and the ledger itself counts those that
 * it lets go.
 */
export function isToldAgain({ ledger }: GuardRuntime): boolean {
  return ledger.dropped !== undefined;
}

/**
 * Puts the charge of a call into the ledger of which there may be other attempts, here or in another
 * process: whichever ends first is charged, and corrects what a crashed one left behind. The money is
 * held until then, or until the last attempt has given it back. Rejects when the store fails: the
 * reservation stays charged in full then.
 */
export async function commitOnce(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
): Promise<void> {
  if (!charge.billed) {
    if (call.reserved) await release(call, guard);
    return;
  }
  const amounts = amountsOf(charge, call.plan?.accounts ?? []);
  let isSettled: boolean;
  try {
    isSettled = await settleAndMark(call, guard, amounts);
  } catch (error) {
    if (call.reserved && isToldAgain(guard)) return;
    throw error;
  }
  if (!isSettled) call.charged = await chargeAnew(call, guard, amounts);
}

/** False when nothing was held for the call any more. */
async function settleAndMark(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<boolean> {
  // Whoever reserved the money marks in the same round trip that the call was charged.
  const isFirst = call.reserved && !call.repeated;
  const marking = isFirst ? mark(call, guard) : undefined;
  const [isSettled] = await Promise.all([settle(call, guard, amounts), marking]);
  if (isSettled && !isFirst) await mark(call, guard);
  return isSettled;
}

/**
 * Nothing was held for it any more: another attempt was charged, or all gave the money back, or the
 * store has forgotten the call. A reservation of nothing tells which, in one step with claiming it.
 * Gives whether this attempt was charged.
 */
async function chargeAnew(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<boolean> {
  const accounts = (call.plan?.accounts ?? []).map(({ ref }) => ref);
  const { results } = await guard.ledger.reserve([
    {
      id: call.ledgerId,
      accounts,
      amounts: amounts.map(() => 0),
      expiresInMs: onceMs(guard),
      atMs: call.decidedAtMs,
      once: true,
    },
  ]);
  const kind = results[0]?.kind;
  // Somebody may have come meanwhile who holds the money anew.
  if (kind === "duplicate") return settle(call, guard, amounts);
  if (kind === "reserved") {
    if (await mark(call, guard)) return settle(call, guard, amounts);
    await release(call, guard);
    return false;
  }
  // No room, not even for nothing: the account is over.
  const charged = await guard.ledger.charge(chargesOf(call, amounts));
  lookAt(call, guard, charged);
  return charged.results.some(({ applied }) => applied);
}

async function settle(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<boolean> {
  const end = { id: call.ledgerId, as: "settled", amounts, once: true } as const;
  const reply = await guard.ledger.settle([atNow(call, guard, end)]);
  if (reply.results[0]?.applied !== true) return false;
  lookAtSettlement(call, guard, reply);
  return true;
}

async function release(call: GuardedCall, { ledger }: GuardRuntime): Promise<void> {
  await ledger.settle([{ id: call.ledgerId, as: "released", amounts: [], once: true }]);
}

/**
 * Marks that the call was charged, by a charge of nothing under a name that all attempts share: for
 * those that end after the store has forgotten the reservation. False when it was marked before.
 */
async function mark(call: GuardedCall, { ledger }: GuardRuntime): Promise<boolean> {
  const nothing = (call.plan?.accounts ?? []).map(() => 0);
  const { results } = await ledger.charge(chargesOf(call, nothing));
  return results.some(({ applied }) => applied);
}

function chargesOf(call: GuardedCall, amounts: readonly number[]): LateCharge[] {
  return (call.plan?.accounts ?? []).map(({ ref: account }, index) => ({
    id: `${call.ledgerId}~${index}`,
    account,
    amount: amounts[index] ?? 0,
    atMs: call.decidedAtMs,
    rememberMs: REMEMBER_MS,
  }));
}

function lookAt(
  call: GuardedCall,
  guard: GuardRuntime,
  { results }: LedgerReply<LateChargeResult>,
): void {
  for (const [index, { balance, spentBefore }] of results.entries()) {
    const account = call.plan?.accounts[index];
    if (account === undefined || balance === undefined || spentBefore === undefined) continue;
    crossBySpending(account, spentBefore, spentOf(balance), guard);
  }
}
