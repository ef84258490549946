import { spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { LateCharge, LateChargeResult, LedgerReply } from "../ledger/ledger.ts";
import { amountsOf, type Charge } from "./charge.ts";
import { lookAtSettlement } from "./look-at-settlement.ts";

/** How long it is remembered that a call was charged. */
const REMEMBER_MS = 3_600_000;

/**
 * Puts the charge of a call into the ledger of which there may be other attempts, here or in another
 * process: whichever ends first is charged, and corrects what a crashed one left behind. That a call
 * was charged is marked by a charge of nothing under a name that all attempts share, so that an
 * attempt which comes after one that was never sent, or that the provider refused, is charged after
 * all. Rejects when the store
 * fails: the reservation stays charged in full then.
 */
export async function commitOnce(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
): Promise<void> {
  const { ledger } = guard;
  const id = call.ledgerId;
  if (!charge.billed) {
    if (!call.repeated) await ledger.settle([{ id, as: "released", amounts: [], once: true }]);
    return;
  }
  const amounts = amountsOf(charge, call.plan?.accounts ?? []);
  const nothing = amounts.map(() => 0);
  const settling = ledger.settle([{ id, as: "settled", amounts, once: true }]);
  // Whoever holds the money marks it in the same round trip.
  const marking = call.repeated ? undefined : ledger.charge(chargesOf(call, nothing));
  const [reply] = await Promise.all([settling, marking]);
  if (reply.results[0]?.applied === true) {
    lookAtSettlement(call, guard, reply);
    if (call.repeated) await ledger.charge(chargesOf(call, nothing));
    return;
  }
  const charged = await ledger.charge(chargesOf(call, amounts));
  call.charged = charged.results.some(({ applied }) => applied);
  lookAt(call, guard, charged);
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
