import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Balance, LedgerReply, Settlement, SettleResult } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { amountsOf, type Charge } from "./charge.ts";
import { chargeLate } from "./charge-late.ts";

/** Puts a call's charge into the ledger. Never throws; undefined when that is done at once. */
export function commit(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
): Promise<void> | undefined {
  const accounts = call.plan?.accounts;
  if (accounts === undefined || accounts.length === 0) return undefined;
  if (!call.reserved) return chargeLate(call, guard, amountsOf(charge, accounts));
  return endReservation(call, guard, {
    id: call.id,
    as: charge.outcome === "released" ? "released" : "settled",
    amounts: amountsOf(charge, accounts),
  });
}

/** Ends a reservation and looks at the thresholds of its accounts. Never throws. */
export function endReservation(
  call: GuardedCall,
  guard: GuardRuntime,
  end: Settlement,
): Promise<void> | undefined {
  try {
    const reply = guard.ledger.settle([end]);
    if (!isPromise(reply)) return look(call, guard, reply);
    return reply.then((later) => look(call, guard, later)).catch(() => failed(guard));
  } catch {
    return failed(guard);
  }
}

function look(call: GuardedCall, guard: GuardRuntime, reply: LedgerReply<SettleResult>): undefined {
  const { balances, spentBefore } = reply.results[0] as SettleResult;
  for (let index = 0; index < balances.length; index++) {
    const account = call.plan?.accounts[index] as BudgetAccount;
    const spent = spentOf(balances[index] as Balance);
    if (account.isQuietAt(spent)) continue;
    crossBySpending(account, spentBefore[index] as number, spent, guard);
  }
}

function failed(guard: GuardRuntime): undefined {
  guard.counters.settlementErrors++;
  guard.warnings.once(
    "settlement-failed",
    "A settlement did not reach the store: its reservation stays charged until it expires there.",
  );
}
