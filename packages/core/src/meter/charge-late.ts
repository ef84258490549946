import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { LateChargeResult, LedgerReply } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { isToldAgain } from "./commit-once.ts";

/** How long a store remembers the charge, so that a repeated message does no harm. */
const REMEMBER_MS = 3_600_000;

/**
 * Charges what a call used after its reservation had been given back. The money is gone already, so
 * it is not asked whether it fits. Resolves when that is done; undefined when it is done at once.
 */
export function chargeLate(
  call: GuardedCall,
  guard: GuardRuntime,
  amounts: readonly number[],
): Promise<void> | undefined {
  const accounts = call.plan?.accounts ?? [];
  const charges = accounts.flatMap((account, index) => {
    const amount = amounts[index] as number;
    return amount === 0 ? [] : [{ account, amount, id: `${call.id}~${index}` }];
  });
  if (charges.length === 0) return undefined;
  const atMs = guard.nowMs(); // its reservation may have left a rolling window since
  try {
    const reply = guard.ledger.charge(
      charges.map(({ id, account, amount }) => ({
        id,
        account: account.ref,
        amount,
        atMs,
        rememberMs: REMEMBER_MS,
      })),
    );
    const look = (later: LedgerReply<LateChargeResult>): undefined =>
      lookAt(
        charges.map(({ account }) => account),
        guard,
        later,
      );
    if (!isPromise(reply)) return look(reply);
    return reply.then(look).catch(() => notTaken(guard));
  } catch {
    return notTaken(guard);
  }
}

function lookAt(
  accounts: readonly BudgetAccount[],
  guard: GuardRuntime,
  { results }: LedgerReply<LateChargeResult>,
): undefined {
  for (const [index, { balance, spentBefore }] of results.entries()) {
    const account = accounts[index];
    if (account === undefined || balance === undefined || spentBefore === undefined) failed(guard);
    else crossBySpending(account, spentBefore, spentOf(balance), guard);
  }
}

function notTaken(guard: GuardRuntime): undefined {
  if (!isToldAgain(guard)) return failed(guard);
  warn(guard);
}

function failed(guard: GuardRuntime): undefined {
  guard.counters.settlementErrors++;
  warn(guard);
}

function warn({ warnings }: GuardRuntime): void {
  warnings.once(
    "late-charge-failed",
    "A call was settled after its reservation had been given back, and the store has not taken the charge: budgets show less than was spent until it does. Mend the store, or raise reservation.undispatchedTtlMs.",
  );
}
