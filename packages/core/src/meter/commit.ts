import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Settlement } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { atNow } from "./at-now.ts";
import { amountsOf, type Charge } from "./charge.ts";
import { chargeLate } from "./charge-late.ts";
import { commitOnce } from "./commit-once.ts";
import { lookAtSettlement } from "./look-at-settlement.ts";

/** Puts a call's charge into the ledger. Never throws; undefined when that is done at once. */
export function commit(
  call: GuardedCall,
  guard: GuardRuntime,
  charge: Charge,
): Promise<void> | undefined {
  const accounts = call.plan?.accounts;
  if (accounts === undefined || accounts.length === 0) return undefined;
  if (call.ledgerId !== call.id) {
    return commitOnce(call, guard, charge).catch(() => failed(guard));
  }
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
    const told = atNow(call, guard, end);
    const reply = guard.ledger.settle(call.topUps?.split(told) ?? [told]);
    if (!isPromise(reply)) return lookAtSettlement(call, guard, reply);
    return reply.then((later) => lookAtSettlement(call, guard, later)).catch(() => failed(guard));
  } catch {
    return failed(guard);
  }
}

function failed(guard: GuardRuntime): undefined {
  guard.counters.settlementErrors++;
  guard.warnings.once(
    "settlement-failed",
    "A settlement has not reached the store: its reservation stays charged until it does, or expires there.",
  );
}
