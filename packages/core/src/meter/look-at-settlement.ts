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
  for (const result of reply.results) lookAtOne(call, guard, result);
}

function lookAtOne(
  call: GuardedCall,
  guard: GuardRuntime,
  { balances, spentBefore }: SettleResult,
): void {
  for (let index = 0; index < balances.length; index++) {
    const account = call.plan?.accounts[index] as BudgetAccount;
    const spent = spentOf(balances[index] as Balance);
    account.hear(spent);
    if (account.isQuietAt(spent)) continue;
    crossBySpending(account, spentBefore[index] as number, spent, guard);
  }
}
