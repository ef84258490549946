import { type BudgetAccount, spentOf } from "../budget/budget-account.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Balance, LedgerReply } from "../ledger/ledger.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";

/** A rolling window forgets by itself: what was heard of it is asked for again after this long. */
const STALE_MS = 1_000;

/**
 * Finds out what is spent on the accounts that may steer a call: once an account and window, since
 * settlements tell the rest. A store that does not answer steers nothing; whether calls may be made
 * meanwhile is for the reservation to decide.
 */
export function learnSpent(call: GuardedCall, guard: GuardRuntime): MaybePromise<void> {
  const nowMs = guard.options.clock.monotonicMs();
  const unknown = call.accounts().filter((account) => isUnknown(account, nowMs));
  if (unknown.length === 0) return undefined;
  const learn = ({ results }: LedgerReply<Balance>): void => {
    for (const [index, account] of unknown.entries()) {
      account.spent = spentOf(results[index] as Balance);
      account.heardMs = nowMs;
    }
  };
  const reply = guard.ledger.balances(
    unknown.map(({ ref }) => ref),
    call.decidedAtMs,
  );
  return isPromise(reply) ? reply.then(learn).catch(() => undefined) : learn(reply);
}

function isUnknown({ budget, spent, heardMs, ref }: BudgetAccount, nowMs: number): boolean {
  if (budget.steering === undefined) return false;
  if (spent === undefined) return true;
  return ref.window.kind === "rolling" && spent >= budget.firstMark && nowMs - heardMs >= STALE_MS;
}
