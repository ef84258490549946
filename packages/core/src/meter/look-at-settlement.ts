import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Balance, LedgerReply, SettleResult } from "../ledger/ledger.ts";

/** Looks at the thresholds that a settlement may have crossed. */
export function lookAtSettlement(
  call: GuardedCall,
  guard: GuardRuntime,
  reply: LedgerReply<SettleResult>,
): undefined {
  const { balances, spentBefore } = reply.results[0] as SettleResult;
  for (let index = 0; index < balances.length; index++) {
    const account = call.plan?.accounts[index] as BudgetAccount;
    const spent = spentOf(balances[index] as Balance);
    if (account.isQuietAt(spent)) continue;
    crossBySpending(account, spentBefore[index] as number, spent, guard);
  }
}
