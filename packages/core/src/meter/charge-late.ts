import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Settlement, SettleResult } from "../ledger/ledger.ts";

/**
 * Charges what a call used after its reservation had been given back. The money is gone already, so
 * it is not asked whether it fits: a reservation of nothing is opened on each account and settled
 * with the truth, which may leave the account `over`. Resolves when that is done; undefined when
 * nothing was used.
 */
export function chargeLate(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<void> | undefined {
  if (amounts.every((amount) => amount === 0)) return undefined;
  return openAndSettle(call, guard, amounts).catch(() => {
    guard.counters.settlementErrors++;
  });
}

async function openAndSettle(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<void> {
  const accounts: readonly BudgetAccount[] = call.plan?.accounts ?? [];
  const opened = await guard.ledger.reserve(
    accounts.map(({ ref }, index) => ({
      id: idOf(call, index),
      accounts: [ref],
      amounts: [0],
      expiresInMs: guard.options.reservation.undispatchedTtlMs,
      atMs: call.startedAtMs,
    })),
  );
  const settlements: Settlement[] = accounts.map((_, index) => ({
    id: idOf(call, index),
    as: "settled",
    amounts: [amounts[index] as number],
  }));
  const open = settlements.filter((_, index) => opened.results[index]?.kind === "reserved");
  if (open.length < settlements.length) sayUncharged(guard);
  const ended = await guard.ledger.settle(open);
  const results = new Map(open.map(({ id }, index) => [id, ended.results[index]]));
  for (const [index, account] of accounts.entries()) {
    const result: SettleResult | undefined = results.get(idOf(call, index));
    const [balance] = result?.balances ?? [];
    const [before] = result?.spentBefore ?? [];
    if (balance === undefined || before === undefined) continue;
    crossBySpending(account, before, spentOf(balance), guard);
  }
}

function idOf(call: GuardedCall, index: number): string {
  return `${call.id}~${index}`;
}

/** A ledger opens nothing on an account that is over its limit; there the truth stays too low. */
function sayUncharged(guard: GuardRuntime): void {
  guard.counters.settlementErrors++;
  guard.warnings.once(
    "late-charge-refused",
    "A call was settled after its reservation had been given back, and an account that is over its limit could not take the charge. Raise reservation.undispatchedTtlMs.",
  );
}
