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
 * process: whichever ends first is charged, and corrects what a crashed one left behind. The money is
 * held until then, or until the last attempt has given it back. That a call was charged is marked by a
 * charge of nothing under a name that all attempts share, so that one which ends after its money was
 * given back, or after the store has forgotten the reservation, is charged once as well. Rejects when
 * the store fails: the reservation stays charged in full then.
 */
export async function commitOnce(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
): Promise<void> {
  const { ledger } = guard;
  const id = call.ledgerId;
  if (!charge.billed) {
    if (call.reserved) await ledger.settle([{ id, as: "released", amounts: [], once: true }]);
    return;
  }
  const amounts = amountsOf(charge, call.plan?.accounts ?? []);
  const nothing = amounts.map(() => 0);
  const settling = ledger.settle([{ id, as: "settled", amounts, once: true }]);
  // Whoever reserved the money marks it in the same round trip.
  const isFirst = call.reserved && !call.repeated;
  const marking = isFirst ? ledger.charge(chargesOf(call, nothing)) : undefined;
  const [reply] = await Promise.all([settling, marking]);
  if (reply.results[0]?.applied === true) {
    lookAtSettlement(call, guard, reply);
    if (!isFirst) await ledger.charge(chargesOf(call, nothing));
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
