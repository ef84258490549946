import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { chargeOfExpired } from "./charge.ts";
import { endReservation } from "./commit.ts";
import { accountsOf, onceOf } from "./give-back.ts";
import { publish } from "./publish.ts";
import { NO_EVALUATIONS, toRecord } from "./to-record.ts";

/**
 * Ends a call that nothing else ended. Not dispatched: its money is given back. Dispatched: it is
 * charged in full as `unknown`, because the provider may have billed it. Either way there is a
 * record, so that records add up to what the budgets say; a late end replaces it once. Indicators
 * wait for that end: silence says nothing about the provider.
 */
export function expireCall(call: GuardedCall, guard: GuardRuntime): void {
  const charge = chargeOfExpired(call, guard.options);
  const record = toRecord(call, guard, charge, NO_EVALUATIONS);
  call.expired = record; // first of all: whoever hears of it may end the call at once
  const as = call.state === "begun" ? "released" : "unknown";
  call.state = as === "released" ? "expired" : "unknown";
  call.releaseGates(record);
  if (as === "released") call.leave();
  else guard.inFlight.keepSilent(call);
  const ending = call.reserved
    ? endReservation(call, guard, { id: call.ledgerId, as, amounts: [], ...onceOf(call) })
    : undefined;
  if (as === "released") call.reserved = false;
  guard.counters.settled++;
  guard.tasks.addCost(call.frame, record.costNanoUsd);
  const freed = (): void => guard.heldQueue.freed(accountsOf(call));
  void ending?.then(freed);
  freed();
  publish(guard, call, record);
  guard.emitter.emit("reservation-expired", { id: call.id, name: call.name, as });
}
